import type { JsonObject } from './json.ts';
import { idOf, type Workspace } from './workspace.ts';

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly isPrivate: boolean;
  isArchived: boolean;
  readonly members: Set<string>;
}

export interface Message {
  readonly ts: string;
  readonly channel: string;
  /** Author: the bot's user or Slackbot. */
  readonly user: string;
  /** Only this person sees it. */
  readonly onlyFor?: string;
  readonly threadTs?: string;
  /** A reply that is shown in the channel too. */
  readonly broadcast: boolean;
  text: string;
  blocks: readonly JsonObject[];
  /** Renderings that were replaced, newest first: what a slow client may still show. */
  earlierBlocks: readonly (readonly JsonObject[])[];
  metadata: JsonObject | undefined;
  /** Ids of the files that it shares. */
  readonly files: readonly string[];
  /** A deleted root that still has replies: a tombstone. */
  deleted: boolean;
}

export interface Draft {
  readonly channel: string;
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly JsonObject[];
  readonly metadata?: JsonObject | undefined;
  readonly files?: readonly string[];
  readonly threadTs?: string | undefined;
  readonly broadcast?: boolean;
  readonly onlyFor?: string;
}

export type Content = Pick<Message, 'text' | 'blocks' | 'metadata'>;

export interface MessageStore {
  readonly channels: () => readonly Channel[];
  /** By id. */
  readonly channel: (id: string) => Channel | undefined;
  readonly post: (draft: Draft) => Message;
  readonly edit: (message: Message, content: Content) => void;
  readonly remove: (message: Message) => void;
  /** By time stamp; ephemeral messages too. */
  readonly find: (channel: string, ts: string) => Message | undefined;
  /** Everything that the channel itself shows (no replies, but broadcasts), oldest first. */
  readonly timeline: (channel: string) => readonly Message[];
  readonly replies: (channel: string, threadTs: string) => readonly Message[];
  readonly ephemerals: () => readonly Message[];
  /** Grows by one with each change. */
  readonly version: () => number;
  /** Tells the subscribers about a change that was made to an object of the store. */
  readonly touch: () => void;
  readonly subscribe: (listener: (version: number) => void) => () => void;
}

const renderingsKept = 10;

/** What the workspace holds. Time stamps are microseconds of `now` (ms UTC), raised where two would be equal. */
export function createMessageStore(workspace: Workspace, now: () => number): MessageStore {
  const channels = new Map(workspace.channels.map((seed) => [idOf('C', seed.name), channelOf(seed, workspace)]));
  const messages = new Map<string, Map<string, Message>>([...channels.keys()].map((id) => [id, new Map()]));
  const threads = new Map<string, Message[]>();
  const listeners = new Set<(version: number) => void>();
  let lastMicros = 0;
  let version = 0;

  function nextTs(): string {
    lastMicros = Math.max(now() * 1000, lastMicros + 1);
    return `${Math.floor(lastMicros / 1e6)}.${String(lastMicros % 1e6).padStart(6, '0')}`;
  }

  function touch(): void {
    version += 1;
    for (const listener of listeners) listener(version);
  }

  const inChannel = (channel: string): Message[] => [...(messages.get(channel)?.values() ?? [])];
  const threadKey = (channel: string, ts: string): string => `${channel}/${ts}`;
  const replies = (channel: string, ts: string): readonly Message[] => threads.get(threadKey(channel, ts)) ?? [];

  return {
    channels: () => [...channels.values()],
    channel: (id) => channels.get(id),
    post: (draft) => {
      const message = messageOf(draft, nextTs());
      messages.get(draft.channel)?.set(message.ts, message);
      if (message.threadTs !== undefined && message.onlyFor === undefined) {
        const key = threadKey(message.channel, message.threadTs);
        const thread = threads.get(key);
        if (thread === undefined) threads.set(key, [message]);
        else thread.push(message);
      }
      touch();
      return message;
    },
    edit: (message, content) => {
      message.earlierBlocks = [message.blocks, ...message.earlierBlocks].slice(0, renderingsKept);
      Object.assign(message, content);
      touch();
    },
    remove: (message) => {
      if (replies(message.channel, message.ts).length > 0) {
        message.deleted = true;
        Object.assign(message, { text: 'This message was deleted.', blocks: [], metadata: undefined });
      } else {
        messages.get(message.channel)?.delete(message.ts);
      }
      if (message.threadTs !== undefined && message.onlyFor === undefined) {
        const key = threadKey(message.channel, message.threadTs);
        threads.set(
          key,
          (threads.get(key) ?? []).filter((reply) => reply !== message),
        );
      }
      touch();
    },
    find: (channel, ts) => messages.get(channel)?.get(ts),
    timeline: (channel) =>
      inChannel(channel).filter(
        (message) => message.onlyFor === undefined && (message.threadTs === undefined || message.broadcast),
      ),
    replies,
    ephemerals: () => [...channels.keys()].flatMap(inChannel).filter((message) => message.onlyFor !== undefined),
    version: () => version,
    touch,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

function channelOf(seed: Workspace['channels'][number], workspace: Workspace): Channel {
  const people = workspace.people.map((person) => person.id);
  return {
    id: idOf('C', seed.name),
    name: seed.name,
    isPrivate: seed.isPrivate ?? false,
    isArchived: seed.isArchived ?? false,
    members: new Set(seed.botIsMember === false ? people : [...people, workspace.bot.userId]),
  };
}

function messageOf(draft: Draft, ts: string): Message {
  return {
    ts,
    channel: draft.channel,
    user: draft.user,
    ...(draft.onlyFor === undefined ? {} : { onlyFor: draft.onlyFor }),
    ...(draft.threadTs === undefined ? {} : { threadTs: draft.threadTs }),
    broadcast: draft.broadcast ?? false,
    text: draft.text,
    blocks: draft.blocks,
    earlierBlocks: [],
    metadata: draft.metadata,
    files: draft.files ?? [],
    deleted: false,
  };
}
