import type { types } from '@slack/bolt';
import type { Place } from '../../core/talk/place.ts';
import { minuteMs } from '../../core/units/duration.ts';
import type { Chat, Content, OpenRoot, Target } from '../../flow/show/needs.ts';
import { renderDigest } from './blocks/digest.ts';
import { context, section } from './blocks/elements.ts';
import { entryMetadata, renderEntry } from './blocks/entry.ts';
import { fit, limits } from './blocks/fit.ts';
import { renderPauseChange } from './blocks/pause-change.ts';
import { withReadersTime } from './blocks/readers-time.ts';
import { type Message, renderRoot } from './blocks/root.ts';
import { renderStorm, renderStormContinues } from './blocks/storm.ts';
import { renderStormPage } from './blocks/storm-page.ts';
import { listMessages, type SlackMessage } from './list-messages.ts';
import { createPictures, type PicturesOptions, postWithPicture } from './pictures.ts';
import { placeOf, readPlace } from './place.ts';
import { asSlackFailure } from './slack-failure.ts';
import type { SlackIdentity } from './web-client.ts';

export interface ChatOptions extends PicturesOptions {
  readonly identity: SlackIdentity;
}

interface Span {
  readonly oldest: string;
  readonly latest?: string;
  readonly inclusive?: boolean;
}

/** How a message is found again: the metadata that is equal for the same message. */
const namedBy: Readonly<Record<string, readonly string[]>> = {
  oomkeeper_incident: ['cluster', 'incident'],
  oomkeeper_entry: ['cluster', 'incident', 'entry'],
  oomkeeper_pause: ['cluster', 'at'],
  oomkeeper_storm: ['storm'],
  oomkeeper_storm_page: ['storm', 'page'],
  oomkeeper_digest: ['slot'],
};

const CONTINUED = 'Slack no longer lets the first message of this thread be edited, so how things stand is told here.';
/** Slack's clock and Redis' may differ by this much, ms. */
const SKEW_MS = 5 * minuteMs;
const quiet = { unfurl_links: false, unfurl_media: false } as const;

/** Slack as the chat: renders, sends, and finds again what was sent. */
export function createChat(options: ChatOptions): Chat {
  const { client, identity } = options;
  const pictures = createPictures(options);

  const render = (content: Content): Message => {
    const { classic, ...message } = withReadersTime(rendered(content), toldAt(content));
    if (classic === undefined) return message;
    return { ...message, classic: withReadersTime({ ...message, blocks: classic }, toldAt(content)).blocks };
  };

  const rendered = (content: Content): Message => {
    switch (content.of) {
      case 'incident':
        return renderRoot(content.loaded, content.pause);
      case 'entry':
        return renderEntry(content.line, content.incident);
      case 'state': {
        const { loaded, pause, first } = content;
        const { text, blocks } = renderRoot(loaded, pause);
        const metadata = entryMetadata(`state-${loaded.incident.version}`, loaded.incident);
        return { text, blocks: first ? [context(CONTINUED), ...blocks] : blocks, metadata };
      }
      case 'pause':
        return renderPauseChange(content.cluster, content.change);
      case 'storm':
        return renderStorm(content.view, identity);
      case 'storm-page':
        return renderStormPage(content.view, identity);
      case 'digest':
        return renderDigest(content.digest, identity);
      case 'storm-continues':
        return renderStormContinues(content.storm);
    }
  };

  const send = async (
    { text, blocks, metadata }: Message,
    { channel, below }: Target,
    isBroadcast: boolean,
  ): Promise<Place> => {
    const base = { channel, text, blocks, metadata, ...quiet };
    const sent = await client.chat.postMessage(
      below === null ? base : { ...base, thread_ts: readPlace(below).ts, reply_broadcast: isBroadcast },
    );
    return placeOf(sent.channel ?? channel, sent.ts ?? '');
  };

  const whisper = async ({ text, blocks }: Message, { channel, below }: Target, user: string): Promise<Place> => {
    const thread = below === null ? {} : { thread_ts: readPlace(below).ts };
    const sent = await client.chat.postEphemeral({ channel, user, text, blocks, ...thread });
    return placeOf(channel, sent.message_ts ?? '');
  };

  /** Ours, oldest first. @throws Failure */
  const inChannel = async (channel: string, span: Span): Promise<readonly Found[]> =>
    found(
      channel,
      await listMessages('conversations.history', async (cursor) =>
        client.conversations.history({ channel, ...span, limit: 200, include_all_metadata: true, ...cursor }),
      ),
    );

  /** Ours below a root, oldest first. @throws Failure */
  const below = async (root: Place): Promise<readonly Found[]> => {
    const { channel, ts } = readPlace(root);
    return found(
      channel,
      await listMessages('conversations.replies', async (cursor) =>
        client.conversations.replies({ channel, ts, limit: 200, include_all_metadata: true, ...cursor }),
      ),
    );
  };

  const found = (channel: string, messages: readonly SlackMessage[]): readonly Found[] =>
    messages
      .filter(({ bot_id, user }) => bot_id === identity.botId || user === identity.botUserId)
      .toSorted((a, b) => Number(a.ts) - Number(b.ts))
      .flatMap(({ ts, metadata }) =>
        ts === undefined || metadata === undefined ? [] : [{ place: placeOf(channel, ts), metadata }],
      );

  return {
    post: async (to, content) => {
      const message = render(content);
      const { only } = to;
      if (only !== null) {
        return withClassicBlocks(message, 'chat.postEphemeral', async (one) => whisper(one, to, only));
      }
      const { broadcast, chart } = content.of === 'entry' ? content.line.entry : { broadcast: false, chart: null };
      const sendOne = async (one: Message): Promise<Place> => send(one, to, broadcast);
      const picture = chart === null ? null : pictures.of(chart);
      const pictured = picture === null ? null : await postWithPicture(message, picture, sendOne);
      return pictured ?? withClassicBlocks(message, 'chat.postMessage', sendOne);
    },

    edit: async (place, content) => {
      await withClassicBlocks(render(content), 'chat.update', async ({ text, blocks, metadata }) =>
        client.chat.update({ ...readPlace(place), text, blocks, metadata }),
      );
    },

    find: async (to, content) => {
      const wanted = render(content).metadata;
      const ours =
        to.below === null
          ? await inChannel(to.channel, { oldest: asTs(openedAt(content) - SKEW_MS) })
          : await below(to.below);
      return ours.filter(({ metadata }) => isSame(metadata, wanted)).map(({ place }) => place);
    },

    remove: async (place) => {
      try {
        await client.chat.delete(readPlace(place));
      } catch (error) {
        const failure = asSlackFailure(error, 'chat.delete');
        if (failure.code !== 'chat-message-gone') throw failure;
      }
    },

    prepare: async ({ entry: { chart } }, course) => {
      if (chart !== null) await pictures.upload(chart, course);
    },

    openRoots: async (channel, since) =>
      (await inChannel(channel, { oldest: asTs(since) })).flatMap((one) => openRootOf(one, channel)),

    openRoot: async (place) => {
      const { channel, ts } = readPlace(place);
      const there = await inChannel(channel, { oldest: ts, latest: ts, inclusive: true });
      return there.flatMap((one) => openRootOf(one, channel))[0] ?? null;
    },
  };
}

/** Sends; on `invalid_blocks` again with classic blocks, or with just the text, because not every plan supports newer blocks. */
async function withClassicBlocks<T>(
  message: Message,
  method: string,
  send: (message: Message) => Promise<T>,
): Promise<T> {
  try {
    return await send(message);
  } catch (error) {
    const failure = asSlackFailure(error, method);
    if (failure.code !== 'chat-invalid-message') throw failure;
  }
  try {
    const blocks: types.KnownBlock[] = message.classic ?? [section(message.text)];
    return await send({ ...message, text: fit(message.text, limits.section), blocks });
  } catch (error) {
    throw asSlackFailure(error, method);
  }
}

type Metadata = NonNullable<SlackMessage['metadata']>;

/** A message with metadata. */
interface Found {
  readonly place: Place;
  readonly metadata: Metadata;
}

function isSame({ event_type: type = '', event_payload: payload }: Metadata, wanted: types.MessageMetadata): boolean {
  const names = namedBy[type] ?? [];
  return type === wanted.event_type && names.every((name) => payload?.[name] === wanted.event_payload[name]);
}

function openRootOf({ place, metadata }: Found, channel: string): readonly OpenRoot[] {
  const { incident, subject, open, kills } = metadata.event_payload ?? {};
  if (metadata.event_type !== 'oomkeeper_incident' || open !== true) return [];
  if (typeof incident !== 'string' || typeof subject !== 'string') return [];
  return [{ place, channel, incident, subject, kills: typeof kills === 'number' ? kills : 0 }];
}

/** The time that its texts are about, ms UTC: what they say of that day has no date. */
function toldAt(content: Content): number {
  switch (content.of) {
    case 'incident':
    case 'state':
      return content.loaded.tally.lastAt;
    case 'entry':
      return content.line.entry.at;
    case 'pause':
      return content.change.at;
    case 'storm':
      return Math.max(content.view.away?.until ?? 0, ...content.view.members.map(({ lastAt }) => lastAt));
    case 'digest':
      return content.digest.slot;
    case 'storm-page':
      return Math.max(0, ...content.view.members.map(({ killedAt }) => killedAt));
    case 'storm-continues':
      return 0;
  }
}

/** The earliest time at which a message may have been posted, ms UTC. */
function openedAt(content: Content): number {
  switch (content.of) {
    case 'incident':
    case 'state':
      return content.loaded.incident.openedAt;
    case 'entry':
      return content.incident.openedAt;
    case 'pause':
      return content.change.at;
    case 'storm':
      return content.view.openedAt;
    case 'digest':
      return content.digest.slot;
    case 'storm-page':
    case 'storm-continues':
      return 0;
  }
}

/** A time as Slack writes it, in seconds; `at` is ms UTC. */
function asTs(at: number): string {
  return (at / 1000).toFixed(6);
}
