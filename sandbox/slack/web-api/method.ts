import type { Args } from './args.ts';
import type { FileStore } from '../file-store.ts';
import type { JsonObject } from '../json.ts';
import type { Log } from '../log.ts';
import type { Channel, Message, MessageStore } from '../message-store.ts';
import type { Tier } from './rate-limits.ts';
import { Refusal } from '../refusal.ts';
import type { Tokens } from '../tokens.ts';
import type { ViewStore } from '../views/view-store.ts';
import type { Workspace } from '../workspace.ts';

/** What a trigger id stands for: somebody who just did something. */
export interface Trigger {
  readonly user: string;
}

/** What the methods of the Web API work on. */
export interface World {
  readonly workspace: Workspace;
  readonly store: MessageStore;
  readonly files: FileStore;
  readonly views: ViewStore;
  readonly triggers: Tokens<Trigger>;
  readonly log: Log;
  /** Where files are uploaded to, without a slash at its end. */
  readonly filesUrl: () => string;
  /** Calls `fn` when Slack has looked at a file that was just uploaded. */
  readonly afterProcessing: (fn: () => void) => void;
  /** ms UTC. */
  readonly now: () => number;
  /** Messages older than this can't be edited; undefined = always. */
  readonly editWindowMs: number | undefined;
  readonly newId: () => string;
  /** A `ws:` URL that can be used once. */
  readonly openSocket: () => string;
  /** Called for each accepted `chat.postMessage`. */
  readonly posted: (message: Message) => void;
}

export interface Call {
  readonly args: Args;
  readonly world: World;
}

/** A method of the Web API. */
export interface Method {
  /** Which token it takes; `none` = any or no token. */
  readonly token: 'bot' | 'app' | 'none';
  /** Any one of these is enough; empty = no scope needed. */
  readonly scopes: readonly string[];
  readonly tier: Tier;
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Returns what stands beside `ok: true`. Throws a Refusal. */
  readonly run: (call: Call) => JsonObject;
}

/**
 * The channel that an argument names. Throws `channel_not_found`, also for a private channel without the bot.
 * `byName` allows `#name` and `name`, as only posting does.
 */
export function channelOf(world: World, named: string, byName = false): Channel {
  const name = named.replace(/^#/, '');
  const channel =
    world.store.channel(named) ??
    (byName ? world.store.channels().find((candidate) => candidate.name === name) : undefined);
  if (channel === undefined) throw new Refusal('channel_not_found');
  if (channel.isPrivate && !hasBot(world, channel)) throw new Refusal('channel_not_found');
  return channel;
}

/** The same, and throws `not_in_channel` when the bot is not in it. */
export function joinedChannel(world: World, named: string, byName = false): Channel {
  const channel = channelOf(world, named, byName);
  if (!hasBot(world, channel)) throw new Refusal('not_in_channel');
  return channel;
}

export function hasBot(world: World, channel: Channel): boolean {
  return channel.members.has(world.workspace.bot.userId);
}

/**
 * One page of a list and the cursor of the next (empty at the end). A cursor names the item that comes next, so that
 * messages which arrive in between shift nothing. Throws `invalid_cursor`, `invalid_limit`.
 */
export function page<T>(
  items: readonly T[],
  idOf: (item: T) => string,
  args: Args,
  defaultLimit: number,
): { items: readonly T[]; next: string } {
  const limit = args.count('limit', defaultLimit);
  if (limit < 1 || limit > 1000) throw new Refusal('invalid_limit');
  const cursor = args.text('cursor') ?? '';
  const wanted = Buffer.from(cursor, 'base64')
    .toString('utf8')
    .replace(/^next:/, '');
  const start = cursor === '' ? 0 : items.findIndex((item) => idOf(item) === wanted);
  if (start < 0) throw new Refusal('invalid_cursor');
  const following = items[start + limit];
  return {
    items: items.slice(start, start + limit),
    next: following === undefined ? '' : Buffer.from(`next:${idOf(following)}`).toString('base64'),
  };
}
