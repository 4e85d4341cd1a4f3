import type { PauseChange } from '../../core/approve/pause-change.ts';
import type { Pause } from '../../core/approve/policy.ts';
import type { ChartSeries } from '../../core/evidence/chart-series.ts';
import type { Digest } from '../../core/digest/digest.ts';
import type { Entry, Incident, Loaded } from '../../core/incident/incident.ts';
import type { StormMember } from '../../core/incident/storm.ts';
import type { Downtime } from '../../core/kill/downtime.ts';
import type { Place } from '../../core/talk/place.ts';
import type { Now, Store } from '../needs.ts';
import type { Trace } from '../../core/trace.ts';
import type { ChannelQueues } from './channel-queues.ts';
import type { Channels } from './channels.ts';
import type { Flood } from './flood.ts';
import { minuteMs } from '../../core/units/duration.ts';

/*
 * What the bot needs from outside to show incidents, as types. Channels are ids, persons too. Times are ms UTC by
 * Redis' clock. Every function may throw a Failure; chat-failure.ts says what the codes of a chat mean.
 */

export interface ShowSettings {
  /** After the claim, how long until the last search for a message that may have been posted, ms. */
  readonly searchAgainMs: number;
  /** First pause after a failure, ms; doubled each time, up to 64 times as long. */
  readonly retryMs: number;
  /** Pause before a channel that cannot be written to is tried again, ms. */
  readonly deadChannelMs: number;
  /** How long a first message waits at most for the search for a lost root, ms. */
  readonly scanMs: number;
}

export const usualShowSettings: ShowSettings = {
  searchAgainMs: 10_000,
  retryMs: 1_000,
  deadChannelMs: minuteMs,
  scanMs: 2_000,
};

/** Messages that are being sent and are not recorded yet: by name, since when (ms UTC). See send-once.ts. */
export type Claims = Readonly<Record<string, number>>;

/** Present if an incident is or was folded into a storm. */
export interface Fold {
  readonly storm: string;
  /** Hash of the storm's copy of it; empty before the first. */
  readonly told: string;
  /** Cursor: answers to people up to here were sent while it was folded, and are not sent again. */
  readonly answered: string;
  /** Who asked for a thread of its own; null while it is folded. */
  readonly openedBy: string | null;
}

/** What is shown of an incident. */
export interface Posting {
  /** Compare-and-set counter: 0 before the first write, one more with each. */
  readonly revision: number;
  readonly channel: string;
  /** Null until it is in the channel. */
  readonly root: Place | null;
  readonly claims: Claims;
  /** False if the chat no longer allows the root to be edited; then its state is posted as a reply. */
  readonly editable: boolean;
  readonly shownVersion: number;
  readonly shownKills: number;
  /** `KillSwitch.changes` that the root shows. */
  readonly shownPause: number;
  /** Cursor: id of the last timeline entry that was posted, or skipped while folded. */
  readonly shownEntry: string;
  /** Null if it was never in a storm. */
  readonly fold: Fold | null;
  /** Whether anybody can read a reply below the root: only then the chat shows one to a single person there. */
  readonly threaded: boolean;
  /** What its thread must say first: why it is in this place. */
  readonly notice: { readonly id: string; readonly text: string } | null;
}

/** The bot's second document per incident, and what is due to be shown. */
export interface Postings {
  readonly read: (incident: string) => Promise<Posting | null>;
  /**
   * Writes `posting` if its revision is still the stored one, and returns it as stored; null if another process was
   * faster. An incident stays due as long as it has neither a root nor a line in a storm.
   */
  readonly write: (incident: string, posting: Posting) => Promise<Posting | null>;
  /** Incidents whose messages are out of date and due (by Redis time), oldest first. */
  readonly due: (limit: number) => Promise<readonly string[]>;
  /** Takes an incident off the due list if nothing newer is stored than what was shown. */
  readonly settle: (incident: string) => Promise<boolean>;
  readonly postpone: (incident: string, dueAt: number) => Promise<void>;
  /** Whether an incident may be shown. `alone`: this process shows no other that one ended with. */
  readonly mayShow: (incident: string, alone: boolean) => Promise<MayShow>;
  /** Notes that this process renders an incident now; the answer is for `unmarkShowing`. */
  readonly markShowing: (incident: string) => Promise<string>;
  /** It has rendered it: no process before counts any more. */
  readonly unmarkShowing: (incident: string, token: string) => Promise<void>;
  /** That it is set aside could not be said, so it is news again. */
  readonly asideUntold: (incident: string) => Promise<void>;
}

export type MayShow =
  | { readonly is: 'may' }
  /** A process ended while it rendered it. */
  | { readonly is: 'suspect' }
  /** Too many did, so it is not shown until then (ms UTC). `isNews`: nobody was told yet. */
  | { readonly is: 'set-aside'; readonly until: number; readonly isNews: boolean };

/** One timeline entry with its id. */
export interface Line {
  readonly id: string;
  readonly entry: Entry;
}

/** What a message says, and how it is found again. Rendering it is up to the adapter. */
export type Content =
  | { readonly of: 'incident'; readonly loaded: Loaded; readonly pause: Pause | null }
  | { readonly of: 'entry'; readonly line: Line; readonly incident: Incident }
  /** The root as a reply, if the root itself can no longer be edited; the `first` reply says so. */
  | { readonly of: 'state'; readonly loaded: Loaded; readonly pause: Pause | null; readonly first: boolean }
  /** About a whole cluster, in a channel. */
  | { readonly of: 'pause'; readonly cluster: string; readonly change: PauseChange }
  | { readonly of: 'storm'; readonly view: StormView }
  | { readonly of: 'storm-page'; readonly view: StormPageView }
  /** What there is to say in a channel once a day. */
  | { readonly of: 'digest'; readonly digest: Digest }
  /** Says that a storm's root will not change any more. */
  | { readonly of: 'storm-continues'; readonly storm: string };

/** Where a message goes: into a channel or a thread there, to all or to one person. */
export interface Target {
  readonly channel: string;
  readonly below: Place | null;
  readonly only: string | null;
}

/** A root whose metadata says that its incident is open. */
export interface OpenRoot {
  readonly place: Place;
  readonly channel: string;
  readonly incident: string;
  /** `subjectKey` of the incident's subject. */
  readonly subject: string;
  /** As it says. */
  readonly kills: number;
}

export interface Chat {
  readonly post: (to: Target, content: Content) => Promise<Place>;
  readonly edit: (place: Place, content: Content) => Promise<void>;
  /** Where our messages with this content, or an older state of it, are; oldest first. */
  readonly find: (to: Target, content: Content) => Promise<readonly Place[]>;
  /** No error if it is gone already. */
  readonly remove: (place: Place) => Promise<void>;
  /**
   * Uploads the chart of an entry in advance, once, drawn from `series`, so that `post` only has to show it and no slow
   * upload holds up a channel. If that fails, the entry is posted without it. Never throws.
   */
  readonly prepare: (line: Line, series: ChartSeries) => Promise<void>;
  /** Our open roots in a channel since `since`, of all clusters, oldest first; in a very busy channel the newest of them. */
  readonly openRoots: (channel: string, since: number) => Promise<readonly OpenRoot[]>;
  /** The root that is there now; null if it is gone, closed, or not ours. */
  readonly openRoot: (place: Place) => Promise<OpenRoot | null>;
}

/** Our open roots in all channels that were scanned. Shared by all clusters, because channels are. */
export interface OpenRoots {
  /** Oldest first. Scans these channels, unless that was done since Redis last lost anything. @throws Failure */
  readonly in: (channels: readonly string[]) => Promise<readonly OpenRoot[]>;
}

/** Reports to the operator what the thread cannot say. Called once per dead channel. */
export type Trouble = (
  failure: unknown,
  about: { readonly channel: string } & Readonly<Record<string, string>>,
) => void;

/** A message in a storm's thread that lists some of its incidents. */
export interface StormPage {
  /** Null until it is posted. */
  readonly place: Place | null;
  /** What it shows, as a hash. */
  readonly shown: string;
  /** ms UTC of the last post or edit. */
  readonly shownAt: number;
  /** 1 at first; one more each time that it was posted anew because it could not be edited. */
  readonly edition: number;
}

/** What is shown of a storm. */
export interface Storm {
  /** Compare-and-set counter: 1 at first, one more with each write. */
  readonly revision: number;
  readonly id: string;
  readonly channel: string;
  readonly openedAt: number;
  /** Null until it is in the channel. */
  readonly root: Place | null;
  readonly claims: Claims;
  /** What the root shows, as a hash. */
  readonly shown: string;
  /** ms UTC of the root's last post or edit. */
  readonly shownAt: number;
  /** False if the chat no longer allows the root to be edited. */
  readonly editable: boolean;
  readonly pages: readonly StormPage[];
  /** Why it is not in the channel of its incidents, as a sentence; null if it is. */
  readonly moved: string | null;
  /** The downtime that it sums up (stored as `away`); null for a flood. */
  readonly away: Downtime | null;
}

/** The storms of all channels, on the bot's side. */
export interface Storms {
  /** The newest storm of a channel: when an incident was last folded into it (ms UTC), and how many it has. */
  readonly newest: (
    channel: string,
  ) => Promise<{ readonly id: string; readonly foldedAt: number; readonly size: number } | null>;
  /** Makes `storm` the newest of its channel if that is still `expected`; false if another process was faster. */
  readonly open: (storm: Pick<Storm, 'id' | 'channel' | 'openedAt'>, expected: string | null) => Promise<boolean>;
  /**
   * Creates the summary of a downtime in a channel unless it exists. It never becomes the newest storm of the channel.
   */
  readonly openSummary: (storm: Pick<Storm, 'id' | 'channel' | 'openedAt' | 'away'>) => Promise<void>;
  /**
   * Counts an incident once in a group: its position (from 0), how many there are, and when the last one came (ms UTC).
   */
  readonly left: (
    group: string,
    incident: string,
  ) => Promise<{ readonly place: number; readonly size: number; readonly lastAt: number }>;
  /** Adds or replaces an incident and makes the storm due; false if there is no such storm. */
  readonly fold: (id: string, member: StormMember) => Promise<boolean>;
  /** `changes` counts how often an incident was added or replaced. */
  readonly read: (id: string) => Promise<{ readonly storm: Storm; readonly changes: number } | null>;
  /** In the order in which they were added. */
  readonly members: (id: string) => Promise<readonly StormMember[]>;
  /**
   * Writes `storm` if its revision is still the stored one, and returns it as stored; null if another process was
   * faster.
   */
  readonly write: (storm: Storm) => Promise<Storm | null>;
  /** Storms whose time has come (by Redis time), oldest first. */
  readonly due: (limit: number) => Promise<readonly string[]>;
  /** Takes a storm off the due list if nothing has changed since `changes`. */
  readonly settle: (id: string, changes: number) => Promise<boolean>;
  readonly postpone: (id: string, dueAt: number) => Promise<void>;
}

/** A storm as it is to be shown. */
export interface StormView extends Pick<Storm, 'id' | 'openedAt' | 'moved' | 'away'> {
  readonly members: readonly StormMember[];
}

/** Some of a storm's incidents, shown in one message of its thread. */
export interface StormPageView {
  readonly id: string;
  readonly members: readonly StormMember[];
  /** `page-1`, and `page-1-2` for its second edition: what it is found again by. */
  readonly page: string;
}

/** The result of opening a folded incident in a thread of its own. */
export type Opening =
  | { readonly is: 'opened' }
  /** Somebody else asked for it a moment ago. */
  | { readonly is: 'under-way' }
  | { readonly is: 'has-thread' }
  | { readonly is: 'no-incident' };

export interface ShowNeeds {
  readonly store: Pick<Store, 'load' | 'entries' | 'chart' | 'killSwitch'>;
  readonly postings: Postings;
  readonly chat: Chat;
  /** Shared by all clusters, because channels are. */
  readonly queues: ChannelQueues;
  readonly flood: Flood;
  readonly openRoots: OpenRoots;
  readonly storms: Pick<Storms, 'newest' | 'open' | 'openSummary' | 'left' | 'fold' | 'read'>;
  /** Called when a storm has changed; a lost call is harmless, because the storm is due. */
  readonly showStorm: (storm: string) => void;
  /** Redis time, ms UTC. */
  readonly now: Now;
  readonly channels: Channels;
  readonly settings: ShowSettings;
  readonly trouble: Trouble;
  readonly trace: Trace;
}

export interface StormShowNeeds {
  readonly storms: Storms;
  readonly chat: Pick<Chat, 'post' | 'edit' | 'find' | 'remove'>;
  readonly queues: ChannelQueues;
  readonly channels: Pick<Channels, 'fallback' | 'nameOf'>;
  readonly now: Now;
  readonly settings: Pick<ShowSettings, 'searchAgainMs' | 'retryMs' | 'deadChannelMs'>;
  readonly trouble: Trouble;
}
