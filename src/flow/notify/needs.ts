import type { Alarm } from '../../core/notify/alarm.ts';
import type { AlarmRule, ReceiverKind } from '../../core/notify/alarm-rule.ts';
import type { Told } from '../../core/notify/told.ts';
import type { Failure } from '../../core/failure.ts';
import type { Lease } from '../held-lease.ts';
import type { Now, Store } from '../needs.ts';

/*
 * What the flow needs from those who wake people, as types. Times are ms UTC by Redis' clock.
 */

/**
 * One place that is told of incidents. The codes of its failures: `receiver-refused` where it would refuse everything
 * (a wrong key), `event-refused` where it would always refuse this alarm; with any other it can be retried.
 */
export interface Receiver {
  /** The same at every start; its documents are kept by it. */
  readonly name: string;
  readonly kind: ReceiverKind;
  /** Another one where its address or its credentials are others. */
  readonly configuration: string;
  readonly takesAcknowledged: boolean;
  readonly everyMs: number | null;
  /** Sending the same twice is harmless. @throws Failure */
  readonly send: (alarm: Alarm) => Promise<void>;
}

/** What the receivers were told of an incident. */
export interface AlarmDocument {
  /** Compare-and-set counter: 0 before the first write, one more with each. */
  readonly revision: number;
  /** By the name of the receiver. */
  readonly told: Readonly<Record<string, Told>>;
}

/** What was read of an incident before a decision. */
export interface SeenIncident {
  readonly version: number;
  readonly kills: number;
}

/** The documents of one cluster, and which incidents are due. */
export interface Alarms {
  readonly read: (incident: string) => Promise<AlarmDocument>;
  /** Writes if the revision is still the stored one, and returns it as stored; null if another process was faster. */
  readonly write: (incident: string, document: AlarmDocument) => Promise<AlarmDocument | null>;
  /** Incidents that are due, by Redis time, oldest first. */
  readonly due: (limit: number) => Promise<readonly string[]>;
  /** Due again at `until`, null = with the next change; false if the incident has changed since `seen`. */
  readonly settle: (incident: string, seen: SeenIncident, until: number | null) => Promise<boolean>;
  readonly postpone: (incident: string, until: number) => Promise<void>;
  /** One process at a time tells of an incident, so that what it sends arrives in order; null: another one does. */
  readonly take: (incident: string, forMs: number) => Promise<Pick<Lease, 'release'> | null>;
}

/** A receiver that refuses everything, until somebody changes its configuration. */
export interface Refusal {
  readonly configuration: string;
  readonly at: number;
  readonly why: string;
  /** It is tried again then. */
  readonly until: number;
}

/** Refusals outlast the process, so that a restart reports none twice. */
export interface Refusals {
  readonly of: (receiver: string) => Promise<Refusal | null>;
  readonly keep: (receiver: string, refusal: Refusal | null) => Promise<void>;
}

/** What became of a try. */
export type SendResult = 'sent' | 'failed' | 'refused' | 'gave-up';

export interface TellNeeds {
  readonly store: Pick<Store, 'load'>;
  readonly alarms: Alarms;
  readonly refusals: Refusals;
  readonly receivers: readonly Receiver[];
  readonly rules: readonly AlarmRule[];
  readonly now: Now;
  /** Where the thread of an incident is. Null where there is none yet. Never throws. */
  readonly link: (incident: string) => Promise<string | null>;
  /** Waits for a turn; so few incidents are told of at a time. Answers with what gives it back. */
  readonly turn: () => Promise<() => void>;
  readonly counted: (receiver: string, result: SendResult) => void;
  /** `refuses`: reported once for each reason; `accepts`: it takes alarms again. */
  readonly report: (what: 'refuses' | 'accepts' | 'event-refused' | 'gave-up', about: Reported) => void;
}

export interface Reported {
  readonly receiver: string;
  readonly incident: string;
  readonly failure: Failure | null;
}
