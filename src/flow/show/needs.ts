import type { Absence } from '../../core/kill/absence.ts';
import type { StormMember } from '../../core/incident/storm.ts';
import type { Chat, Now, Place, Postings, Store } from '../needs.ts';
import type { Channels } from './channels.ts';
import type { Flood } from './flood.ts';
import type { Lanes } from './lanes.ts';

export interface ShowSettings {
  /** ms from the claim until a root that may have been posted is searched for the last time. */
  readonly searchAgainMs: number;
  /** ms of the first pause after a failure; doubled each time, up to 64 times as long. */
  readonly retryMs: number;
  /** ms until a channel that cannot be written to is tried again. */
  readonly deadChannelMs: number;
  /** ms that a first message waits at most for the search for a root from before Redis was lost. */
  readonly scanMs: number;
}

export const usualShowSettings: ShowSettings = {
  searchAgainMs: 10_000,
  retryMs: 1_000,
  deadChannelMs: 60_000,
  scanMs: 2_000,
};

/** A root that says in its metadata that its incident is open. */
export interface OpenRoot extends Place {
  readonly incident: string;
  /** `subjectKey` of the incident's subject. */
  readonly subject: string;
  /** As it says. */
  readonly kills: number;
}

/** The conversation, and what is needed to go on in it after Redis was lost. */
export interface ShowChat extends Chat {
  /**
   * Our open roots in a channel since `since` (ms UTC), of all clusters, oldest first; in a very busy channel those of
   * its newest messages. Looked for once per channel and then kept as they were; `again` makes each channel be looked
   * through anew when it is asked for next, beginning with this one. @throws Failure
   */
  readonly openRoots: (channel: string, since: number, again: boolean) => Promise<readonly OpenRoot[]>;
  /** Those of every channel that was looked through, as they were then, oldest first. */
  readonly keptRoots: () => readonly OpenRoot[];
  /** The root that stands there now; null when it is gone, closed, or not ours. @throws Failure */
  readonly readOpenRoot: (place: Place) => Promise<OpenRoot | null>;
}

/** Told to whoever runs the bot, where the thread cannot say it. Called once per channel for a dead channel. */
export type Trouble = (failure: unknown, about: { readonly incident: string; readonly channel: string }) => void;

/** A message in a storm's thread that lists some of its incidents. */
export interface StormPage {
  /** Null until it is posted. */
  readonly ts: string | null;
  /** What it shows, as a hash. */
  readonly shown: string;
  /** ms UTC of the last post or edit. */
  readonly shownAt: number;
  /** 1 at first, one more each time that it had to be posted anew because it could not be edited. */
  readonly edition: number;
}

/** What is shown of a storm. */
export interface Storm {
  /** Compare-and-set counter: 1 at first, one more with each write. */
  readonly revision: number;
  readonly id: string;
  readonly channel: string;
  readonly openedAt: number;
  /** `open` = nobody has tried to post its root. */
  readonly state: 'open' | 'claimed' | 'posted';
  /** ms UTC of the claim. */
  readonly claimedAt: number;
  readonly ts: string | null;
  /** What the root shows, as a hash. */
  readonly shown: string;
  /** ms UTC of the root's last post or edit. */
  readonly shownAt: number;
  /** False when Slack no longer lets the root be edited. */
  readonly editable: boolean;
  readonly pages: readonly StormPage[];
  /** Why it is not in the channel that its incidents belong into, as a sentence; null where it is. */
  readonly moved: string | null;
  /** The absence that it is a summary of; null for a flood. */
  readonly away: Absence | null;
}

/** The storms of all channels, on the bot's side. Throws only Failures. */
export interface Storms {
  /** The newest storm of a channel: when an incident was last folded into it (ms UTC), and how many it has. */
  readonly newest: (
    channel: string,
  ) => Promise<{ readonly id: string; readonly foldedAt: number; readonly size: number } | null>;
  /** Makes `storm` the newest of its channel if that is still `expected`; false when somebody was faster. */
  readonly open: (storm: Pick<Storm, 'id' | 'channel' | 'openedAt'>, expected: string | null) => Promise<boolean>;
  /** Makes a summary of what one absence left in a channel, if it is not there: never the newest storm of a channel. */
  readonly openAway: (storm: Pick<Storm, 'id' | 'channel' | 'openedAt' | 'away'>) => Promise<void>;
  /**
   * Counts an incident once among those of a group: which one of them it is (from 0), how many there are, and when the
   * last came (ms UTC).
   */
  readonly left: (
    group: string,
    incident: string,
  ) => Promise<{ readonly place: number; readonly size: number; readonly lastAt: number }>;
  /** Adds an incident, or replaces what is known of it, and makes the storm due; false when there is no such storm. */
  readonly fold: (id: string, member: StormMember) => Promise<boolean>;
  /** `changes` counts how often an incident was added or replaced. */
  readonly read: (id: string) => Promise<{ readonly storm: Storm; readonly changes: number } | null>;
  /** In the order in which they were added. */
  readonly members: (id: string) => Promise<readonly StormMember[]>;
  readonly write: (id: string, expected: number, next: Omit<Storm, 'revision'>) => Promise<boolean>;
  /** Storms whose time has come (by Redis time), oldest first. */
  readonly due: (limit: number) => Promise<readonly string[]>;
  /** Takes a storm off the due list if nothing has changed since `changes`. */
  readonly settle: (id: string, changes: number) => Promise<boolean>;
  readonly postpone: (id: string, dueAt: number) => Promise<void>;
}

/** A storm as it is to be shown. */
export interface StormView {
  readonly id: string;
  readonly members: readonly StormMember[];
  /** Why it is not in the channel that its incidents belong into, as a sentence. */
  readonly moved: string | null;
  /** The absence that it is a summary of; null for a flood. */
  readonly away: Absence | null;
}

/** Some of a storm's incidents, shown in one message of its thread. */
export interface StormPageView extends Omit<StormView, 'moved' | 'away'> {
  /** `page-1`, and `page-1-2` for its second edition: what it is found again by. */
  readonly page: string;
}

/** How storms are told. Fails as `Chat` does. */
export interface StormChat {
  readonly postStorm: (channel: string, view: StormView) => Promise<Place>;
  readonly editStorm: (root: Place, view: StormView) => Promise<void>;
  readonly postStormPage: (root: Place, view: StormPageView) => Promise<Place>;
  readonly editStormPage: (page: Place, view: StormPageView) => Promise<void>;
  /** Says below the root, once, that it will not change any more. */
  readonly sayStormContinues: (root: Place, id: string) => Promise<void>;
  /** Our roots of a storm since `since` (ms UTC), oldest first. */
  readonly findStorms: (channel: string, id: string, since: number) => Promise<readonly Place[]>;
  /** What stands below a storm's root: name of the page -> its ts. */
  readonly stormPages: (root: Place) => Promise<ReadonlyMap<string, string>>;
}

/** What came of somebody's wish to see a folded incident in a thread of its own. */
export type Opening =
  | { readonly is: 'opened' }
  /** Somebody else has asked for it a moment ago. */
  | { readonly is: 'under-way' }
  | { readonly is: 'has-thread' }
  | { readonly is: 'no-incident' };

export interface ShowNeeds {
  readonly store: Pick<Store, 'load' | 'entries' | 'chart'>;
  readonly postings: Postings;
  readonly chat: ShowChat;
  /** Shared by all clusters, because channels are. */
  readonly lanes: Lanes;
  readonly flood: Flood;
  readonly storms: Pick<Storms, 'newest' | 'open' | 'openAway' | 'left' | 'fold' | 'read'>;
  /** Told when a storm has changed; a lost call is harmless, since the storm is due. */
  readonly showStorm: (storm: string) => void;
  /** Redis time, ms UTC. */
  readonly now: Now;
  readonly channels: Channels;
  readonly settings: ShowSettings;
  readonly trouble: Trouble;
}
