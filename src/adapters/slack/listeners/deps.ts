import type { ClusterCondition } from '../../../core/talk/cluster-condition.ts';
import type { AnswerTo, Question, Reply } from '../../../core/talk/question.ts';
import type { StormMember } from '../../../core/incident/storm.ts';
import type { Asked, MaySee, Showing } from '../../../core/talk/readers.ts';
import type { Place } from '../../../core/talk/place.ts';
import type { Homes } from '../../../flow/home/needs.ts';
import type { Hints, Store } from '../../../flow/needs.ts';
import type { Opening } from '../../../flow/show/needs.ts';
import type { People } from '../standing-of.ts';
import type { Log } from '../slack-logger.ts';

/** A cluster that the bot speaks for. */
export interface Cluster {
  readonly name: string;
  readonly store: Pick<
    Store,
    | 'load'
    | 'open'
    | 'pause'
    | 'silences'
    | 'killedPods'
    | 'suspects'
    | 'ignored'
    | 'results'
    | 'entries'
    | 'audit'
    | 'recordRequest'
  >;
  readonly hints: Pick<Hints, 'advance'>;
  /** Gives an incident that is a line in a storm a thread of its own, because `by` (Slack id) asks for it. */
  readonly openThread: (incident: string, by: string) => Promise<Opening>;
  /** Asks the cluster's worker; always resolves, after 10 s (or `deadlineMs`) with the sentence that it did not answer. */
  readonly ask: <Q extends Question>(question: Q, deadlineMs?: number) => Promise<Reply<AnswerTo<Q>>>;
  /** Its namespaces as far as Redis knows; null if they were never stored. @throws Failure */
  readonly namespaces: () => Promise<readonly string[] | null>;
  /** The cluster's condition as far as Redis knows. @throws Failure */
  readonly condition: () => Promise<ClusterCondition>;
  /** Where the root of an incident is; null while it has none. @throws Failure */
  readonly place: (incident: string) => Promise<Place | null>;
  /** The storm that an incident is only a line of, and where that is; null where it is in none. @throws Failure */
  readonly storm: (incident: string) => Promise<{ readonly id: string; readonly root: Place | null } | null>;
}

export interface Reading {
  /** What may be shown of something in a channel. */
  readonly maySee: (asked: Asked, showing: Showing) => MaySee;
  /** Whether any names of a cluster are hidden in a channel. */
  readonly hidesNames: (cluster: string, showing: Showing) => boolean;
  /** Id of the channel that incidents are usually posted in. */
  readonly fallback: string;
  /** Whether any right to read is a person's or a user group's. */
  readonly namesPeople: boolean;
}

/** Shows somebody's Home tab as it is now: sent if it has changed. Throws a Failure. */
export type ShowHome = (user: string) => Promise<'sent' | 'same' | 'busy'>;

export interface ListenerDeps {
  readonly clusters: () => Promise<readonly Cluster[]>;
  /** The incidents of a storm as it knows them; none where it is not known. @throws Failure */
  readonly stormMembers: (storm: string) => Promise<readonly StormMember[]>;
  /** Slack user groups that a person is in; none where Slack does not say. */
  readonly groupsOf: (user: string) => Promise<readonly string[]>;
  /** Who may not ask, whatever policy says: a guest, a bot, a stranger. */
  readonly people: People;
  /** Answers are posted to Slack, or to the host of this. */
  readonly slackApiUrl: string | undefined;
  readonly reading: () => Reading;
  readonly homes: Homes;
  readonly showHome: ShowHome;
  /** `https://acme.slack.com/`; null where Slack does not say. */
  readonly teamUrl: string | null;
  /** ms UTC */
  readonly now: () => number;
  readonly log: Log;
}
