import type { Incident } from '../../core/incident/incident.ts';
import type { Chat, FoundRoot, Now, Place, Postings, Store } from '../needs.ts';
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
export interface OpenRoot extends FoundRoot {
  readonly incident: string;
  /** `subjectKey` of the incident's subject. */
  readonly subject: string;
}

/** The conversation, and what is needed to go on in it after Redis was lost. */
export interface ShowChat extends Chat {
  /**
   * Our open roots in a channel since `since` (ms UTC), of all clusters, oldest first; in a very busy channel those of
   * its newest messages. Looked for once per channel and then kept as they were; `again` looks anew. @throws Failure
   */
  readonly openRoots: (channel: string, since: number, again: boolean) => Promise<readonly OpenRoot[]>;
  /** The root that stands there now; null when it is gone, closed, or not ours. @throws Failure */
  readonly readOpenRoot: (place: Place) => Promise<OpenRoot | null>;
}

/** Told to whoever runs the bot, where the thread cannot say it. Called once per channel for a dead channel. */
export type Trouble = (failure: unknown, about: { readonly incident: string; readonly channel: string }) => void;

export interface ShowNeeds {
  readonly store: Pick<Store, 'load' | 'entries'>;
  readonly postings: Postings;
  readonly chat: ShowChat;
  /** Shared by all clusters, because channels are. */
  readonly lanes: Lanes;
  /** Redis time, ms UTC. */
  readonly now: Now;
  /** Id of the channel that an incident belongs into. */
  readonly channelOf: (incident: Incident) => string;
  readonly settings: ShowSettings;
  readonly trouble: Trouble;
}
