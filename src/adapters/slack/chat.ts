import type { types } from '@slack/bolt';
import type { Incident } from '../../core/incident/incident.ts';
import type { Place } from '../../flow/needs.ts';
import type { OpenRoot, ShowChat } from '../../flow/show/needs.ts';
import { context, section } from './blocks/elements.ts';
import { entryMetadata, renderEntry } from './blocks/entry.ts';
import { fit, limits } from './blocks/fit.ts';
import { type Message, renderRoot } from './blocks/root.ts';
import { createPictures, type PicturesOptions, postWithPicture } from './pictures.ts';
import { asSlackFailure } from './slack-failure.ts';
import type { SlackIdentity } from './web-client.ts';
import { pagesOf, type SlackMessage } from './pages.ts';

export interface ChatOptions extends PicturesOptions {
  readonly identity: SlackIdentity;
}

/** What the metadata of a root says. */
interface Root extends OpenRoot {
  readonly cluster: string;
  readonly open: boolean;
}

/** A look through a channel. */
interface Scan {
  readonly generation: number;
  readonly roots: Promise<readonly OpenRoot[]>;
  /** What the last one that succeeded has found. */
  readonly kept: readonly OpenRoot[];
}

interface Span {
  readonly oldest: string;
  readonly latest?: string;
  readonly inclusive?: boolean;
}

const CONTINUED = 'Slack no longer lets the first message of this thread be edited, so how things stand is told here.';
export const quiet = { unfurl_links: false, unfurl_media: false } as const;

/** The conversation with Slack: renders, sends, and finds again what was sent. */
export function createChat(options: ChatOptions): ShowChat {
  const { client, identity } = options;
  const ours = (message: SlackMessage) => message.bot_id === identity.botId || message.user === identity.botUserId;

  const pictures = createPictures(options);
  const scans = new Map<string, Scan>();
  /** Scans of an older one are made again when they are asked for. */
  let generation = 0;

  type To = { readonly channel: string; readonly thread_ts?: string; readonly reply_broadcast?: boolean };

  const send = async ({ text, blocks, metadata }: Message, to: To): Promise<Place> => {
    const { thread_ts, reply_broadcast, channel } = to;
    const base = { channel, text, blocks, metadata, ...quiet };
    const sent = await client.chat.postMessage(
      thread_ts === undefined ? base : { ...base, thread_ts, reply_broadcast: reply_broadcast ?? false },
    );
    return { channel: sent.channel ?? channel, ts: sent.ts ?? '' };
  };

  const post = async (message: Message, to: To): Promise<Place> =>
    withClassicBlocks(message, 'chat.postMessage', async (one) => send(one, to));

  /** Of all incidents of all clusters, oldest first. @throws Failure */
  const rootsIn = async (channel: string, span: Span): Promise<readonly Root[]> => {
    const found: Root[] = [];
    for await (const messages of pagesOf('conversations.history', async (cursor) =>
      client.conversations.history({ channel, ...span, limit: 200, include_all_metadata: true, ...cursor }),
    )) {
      found.push(...messages.filter(ours).flatMap((message) => asRoot(channel, message)));
    }
    return found.toSorted(byTime);
  };

  const openIn = async (channel: string, since: number): Promise<readonly OpenRoot[]> =>
    (await rootsIn(channel, { oldest: asTs(since) })).filter(({ open }) => open);

  return {
    postRoot: async (channel, loaded) => post(renderRoot(loaded), { channel }),

    editRoot: async ({ channel, ts }, loaded) =>
      withClassicBlocks(renderRoot(loaded), 'chat.update', async ({ text, blocks, metadata }) => {
        await client.chat.update({ channel, ts, text, blocks, metadata });
      }),

    prepare: async ({ entry: { chart } }, course) => {
      if (chart !== null) await pictures.upload(chart, course);
    },

    reply: async (root, line, incident) => {
      const to = { channel: root.channel, thread_ts: root.ts, reply_broadcast: line.entry.broadcast };
      const message = renderEntry(line, incident);
      const picture = line.entry.chart === null ? null : pictures.of(line.entry.chart);
      if (picture !== null && (await postWithPicture(message, picture, async (one) => send(one, to)))) return;
      await post(message, to);
    },

    replyRoot: async (root, loaded, first) => {
      const message = renderRoot(loaded);
      const blocks = first ? [context(CONTINUED), ...message.blocks] : message.blocks;
      const metadata = entryMetadata(stateEntry(loaded.incident), loaded.incident);
      await post({ text: message.text, blocks, metadata }, { channel: root.channel, thread_ts: root.ts });
    },

    whisper: async (channel, user, line, incident) =>
      withClassicBlocks(renderEntry(line, incident), 'chat.postEphemeral', async ({ text, blocks }) => {
        await client.chat.postEphemeral({ channel, user, text, blocks });
      }),

    findRoots: async (channel, incident, since) =>
      (await rootsIn(channel, { oldest: asTs(since) })).filter((root) => isOf(root, incident)),

    openRoots: async (channel, since, again) => {
      if (again) generation += 1;
      const before = scans.get(channel);
      const scan =
        before?.generation === generation
          ? before
          : { generation, roots: openIn(channel, since), kept: before?.kept ?? [] };
      scans.set(channel, scan);
      try {
        const roots = await scan.roots;
        if (scans.get(channel) === scan) scans.set(channel, { ...scan, kept: roots });
        return roots;
      } catch (failure) {
        if (scans.get(channel)?.roots === scan.roots) scans.set(channel, { ...scan, generation: -1 });
        throw failure;
      }
    },

    keptRoots: () => [...scans.values()].flatMap(({ kept }) => kept).toSorted(byTime),

    readOpenRoot: async ({ channel, ts }) => {
      const [root] = await rootsIn(channel, { oldest: ts, latest: ts, inclusive: true });
      return root?.open === true ? root : null;
    },

    postedEntries: async ({ channel, ts }) => {
      const found = new Map<string, Place[]>();
      for await (const messages of pagesOf('conversations.replies', async (cursor) =>
        client.conversations.replies({ channel, ts, limit: 200, include_all_metadata: true, ...cursor }),
      )) {
        for (const { metadata, ts: at } of messages.filter(ours)) {
          const entry = metadata?.event_payload?.['entry'];
          if (metadata?.event_type !== 'oomkeeper_entry' || typeof entry !== 'string' || at === undefined) continue;
          found.set(entry, [...(found.get(entry) ?? []), { channel, ts: at }].toSorted(byTime));
        }
      }
      return found;
    },

    remove: async ({ channel, ts }: Place) => {
      try {
        await client.chat.delete({ channel, ts });
      } catch (error) {
        const failure = asSlackFailure(error, 'chat.delete');
        if (failure.code !== 'chat-message-gone') throw failure;
      }
    },
  };
}

/** Id that a root told as a reply carries in its metadata. */
function stateEntry({ version }: Incident): string {
  return `state-${version}`;
}

/** Sends; on `invalid_blocks` once more with nothing but the text, because newer blocks are not on every plan. */
export async function withClassicBlocks<T>(
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
    const blocks: types.KnownBlock[] = [section(message.text)];
    return await send({ ...message, text: fit(message.text, limits.section), blocks });
  } catch (error) {
    throw asSlackFailure(error, method);
  }
}

function isOf({ incident, cluster }: Root, { id, subject }: Incident): boolean {
  return incident === id && cluster === subject.cluster;
}

function asRoot(channel: string, { ts, metadata }: SlackMessage): readonly Root[] {
  if (metadata?.event_type !== 'oomkeeper_incident' || ts === undefined) return [];
  const { incident, cluster, subject, open, kills } = metadata.event_payload ?? {};
  const said = { incident: asText(incident), cluster: asText(cluster), subject: asText(subject), open: open === true };
  return [{ channel, ts, ...said, kills: typeof kills === 'number' ? kills : 0 }];
}

function byTime(a: Place, b: Place): number {
  return Number(a.ts) - Number(b.ts);
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Slack's form of a time, seconds; `at` is ms UTC. */
export function asTs(at: number): string {
  return (at / 1000).toFixed(6);
}
