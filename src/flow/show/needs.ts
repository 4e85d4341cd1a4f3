import type { Incident } from '../../core/incident/incident.ts';
import type { Chat, Now, Postings, Store } from '../needs.ts';
import type { Lanes } from './lanes.ts';

export interface ShowSettings {
  /** ms from the claim until a root that may have been posted is searched for the last time. */
  readonly searchAgainMs: number;
  /** ms of the first pause after a failure; doubled each time, up to 64 times as long. */
  readonly retryMs: number;
  /** ms until a channel that cannot be written to is tried again. */
  readonly deadChannelMs: number;
}

export const usualShowSettings: ShowSettings = { searchAgainMs: 10_000, retryMs: 1_000, deadChannelMs: 60_000 };

/** Told to whoever runs the bot, where the thread cannot say it. Called once per channel for a dead channel. */
export type Trouble = (failure: unknown, about: { readonly incident: string; readonly channel: string }) => void;

export interface ShowNeeds {
  readonly store: Pick<Store, 'load' | 'entries'>;
  readonly postings: Postings;
  readonly chat: Chat;
  /** Shared by all clusters, because channels are. */
  readonly lanes: Lanes;
  /** Redis time, ms UTC. */
  readonly now: Now;
  /** Id of the channel that an incident belongs into. */
  readonly channelOf: (incident: Incident) => string;
  readonly settings: ShowSettings;
  readonly trouble: Trouble;
}
