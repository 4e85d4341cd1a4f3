import type { Failure } from '../core/failure.ts';
import type { KillSwitch, PauseChange } from '../core/approve/pause-change.ts';
import type { Evidence, Findings, UsageHistory } from '../core/evidence/evidence.ts';
import type { LimitBefore, Pause } from '../core/approve/policy.ts';
import type { NodeOom } from '../core/evidence/node/node-oom.ts';
import type { ChartSeries } from '../core/evidence/chart-series.ts';
import type { AuditLine } from '../core/incident/audit.ts';
import type { Entry, Incident, Loaded, Request, Silence, Warned } from '../core/incident/incident.ts';
import type { Alert } from '../core/incident/warning.ts';
import type { Result } from '../core/incident/result.ts';
import type { Ignored } from '../core/kill/ignored.ts';
import type { Kill, Subject } from '../core/kill/kill.ts';
import type { Counted } from '../core/kill/oom-count.ts';
import type { Trigger } from '../core/kill/trigger.ts';
import type { ImpactRead } from '../core/notify/impact.ts';
import type { PlanInputs } from '../core/remediate/plan-inputs.ts';
import type { Means, Plan } from '../core/remediate/plan.ts';
import type { KilledPod } from '../core/talk/pod-history.ts';
import type { Observation } from '../core/verify/observation.ts';
import type { Lease } from './held-lease.ts';

/*
 * What the flow needs from outside, as types. `app` fills them in with adapters; tests with the real adapters against
 * the sandbox. Times are ms UTC, sizes bytes. Every function may throw a Failure.
 */

/** ms UTC. The worker's is Redis time, so that two processes with different clocks agree. */
export type Now = () => Promise<number>;

export type Admission =
  | { readonly is: 'known' }
  | { readonly is: 'opened'; readonly incident: string }
  | { readonly is: 'joined'; readonly incident: string };

export type WarningAdmission =
  | { readonly is: 'known' }
  | { readonly is: 'opened'; readonly incident: string }
  /** The subject has an open incident already; nothing was changed. */
  | { readonly is: 'open'; readonly incident: string };

/** The outcome of one transition, written in one commit. */
export interface Change {
  readonly incident: Incident;
  readonly entries: readonly Entry[];
  /** For the record that `oomkeeper audit` prints. */
  readonly audit: readonly AuditLine[];
  /** Requests that this change answers; they leave the list of the undecided. */
  readonly decided: readonly string[];
  /** When the incident is due next; null = never again. */
  readonly dueAt: number | null;
}

/** Kills of single processes, by the bare id of a container's run (core/kill/child-number.ts). */
export interface ChildRuns {
  /** The number, from 1, of the kill with this fingerprint among those of its run that are numbered here. */
  readonly numberOf: (run: string, fingerprint: string) => Promise<number>;
  /** Up to where the counters of these runs were reported, in the same order; null for one that was never read. */
  readonly counted: (runs: readonly string[]) => Promise<readonly (Counted | null)[]>;
  readonly keepCounted: (run: string, counted: Counted) => Promise<void>;
}

/** What came of taking the lease of an incident. */
export type Attempt =
  /** `crashes`: how many processes in a row ended in the middle of it. */
  | { readonly is: 'taken'; readonly crashes: number; readonly lease: IncidentLease }
  /** Another worker has it. */
  | { readonly is: 'held' }
  /** A process ended in the middle of it, and the caller did not ask for it alone. */
  | { readonly is: 'suspect' }
  /** Too many did, and its time has not come again. */
  | { readonly is: 'set-aside' };

export interface IncidentLease extends Lease {
  /** Nothing is done about it any more for `asideMs`, or until somebody asks for something; its thread gets `entry`. */
  readonly setAside: (entry: Entry) => Promise<void>;
}

/**
 * Told of each document that is left out because it cannot be read: its name, and what is wrong with it. A list is
 * otherwise complete: one torn document hides no other.
 */
export type Skipped = (name: string, failure: Failure) => void;

/** The incidents of one cluster. */
/** An incident in which a container of an image was killed. `subject`: its key. */
export interface ImageKill {
  readonly incident: string;
  readonly subject: string;
}

export interface Store {
  /**
   * In one commit: the fingerprint enters the ledger, and the kill joins the open incident of its subject or opens one,
   * to which a silence of the subject applies.
   */
  readonly admit: (kill: Kill, mode: Incident['mode']) => Promise<Admission>;
  /**
   * In one commit: the fingerprint enters the ledger, and an incident without a kill is opened unless one is open.
   * `alert` is the alert that warns; null for our own forecast.
   */
  readonly warn: (warned: Warned, alert: Alert | null, mode: Incident['mode']) => Promise<WarningAdmission>;
  /** The open incident of a subject, else the one closed last; null if there is neither. */
  readonly latestOf: (subject: Subject) => Promise<Loaded | null>;
  /** Whether a kill with this fingerprint was admitted. */
  readonly isAdmitted: (fingerprint: string) => Promise<boolean>;
  readonly hasOpen: (subject: Subject) => Promise<boolean>;
  readonly childRuns: ChildRuns;
  /** Sets or ends (null) the silence of a subject, which outlasts its incidents until it expires. */
  readonly keepSilence: (subject: Subject, silence: Silence | null) => Promise<void>;
  /** The silences of subjects that have not ended, the one that ends first before the others. */
  readonly silences: (
    skipped?: Skipped,
  ) => Promise<readonly { readonly subject: Subject; readonly silence: Silence }[]>;
  /** The kill switch: while it is set nothing is approved, begun or written in this cluster. */
  readonly pause: () => Promise<Pause | null>;
  /** The same, with how often and how it was changed. */
  readonly killSwitch: () => Promise<KillSwitch>;
  /** Sets or ends (null) the pause, and makes every open incident due for the bot, which shows it. */
  readonly keepPause: (pause: Pause | null, change: PauseChange) => Promise<void>;
  /** The limit before the first change of this subject since `since` (ms UTC); null if there was none. */
  readonly limitBefore: (subject: Subject, since: number) => Promise<LimitBefore | null>;
  readonly keepLimit: (subject: Subject, before: LimitBefore) => Promise<void>;
  /** The series of usage that a chart is drawn from, kept as long as a closed incident; null if it is gone. */
  readonly chart: (id: string) => Promise<ChartSeries | null>;
  readonly keepChart: (id: string, series: ChartSeries) => Promise<void>;
  /** Adds a line to the audit record that belongs to no incident. */
  readonly record: (line: AuditLine) => Promise<void>;
  /** The audit record since `since` (ms UTC), oldest first, at most `limit` lines. */
  readonly audit: (since: number, limit: number, skipped?: Skipped) => Promise<readonly AuditLine[]>;
  /** What checks of changes saw since `since` (ms UTC), oldest first; bounded, and kept as long as closed incidents. */
  readonly results: (since: number, skipped?: Skipped) => Promise<readonly Result[]>;
  /** Keeps a suspect (bounded, newest last) for people who ask; a later kill with the same fingerprint still counts. */
  readonly keepSuspect: (kill: Kill, why: string) => Promise<void>;
  readonly suspects: (skipped?: Skipped) => Promise<readonly { readonly kill: Kill; readonly why: string }[]>;
  /** Pods that were killed, and their open and closed incidents (bounded, the one killed last comes last). */
  readonly killedPods: () => Promise<readonly KilledPod[]>;
  /**
   * Incidents in which containers of an image were killed, and whose they are (bounded, the one killed last comes
   * first). `repository`: the image without tag and digest.
   */
  readonly killedImages: (repository: string) => Promise<readonly ImageKill[]>;
  /** Terminations that looked like memory kills but are not (bounded, oldest first). */
  readonly ignored: (skipped?: Skipped) => Promise<readonly Ignored[]>;
  readonly load: (incident: string) => Promise<Loaded | null>;
  /** Open incidents, newest kill first, at most `limit`. */
  readonly open: (limit: number, skipped?: Skipped) => Promise<readonly Loaded[]>;
  /**
   * Loads, lets `decide` make a change, and commits it at the version that was read; on a conflict it starts over with
   * the latest. `decide` returns null if there is nothing to do. Returns what is stored afterwards.
   */
  readonly update: (incident: string, decide: (loaded: Loaded) => Change | null) => Promise<Loaded | null>;
  /** Records what a person asked for, once per `request.id`, and makes the incident due now. */
  readonly recordRequest: (request: Request) => Promise<'recorded' | 'known' | 'no-incident'>;
  /** Incidents whose time has come, by Redis time, oldest first. */
  readonly due: (limit: number) => Promise<readonly string[]>;
  /**
   * Changes when an incident is due, and nothing else. With `seen` (what the decision was based on) it stays due if a
   * kill, request or change has come since; otherwise that would have to wait until `dueAt` if its hint were lost.
   */
  readonly postpone: (incident: string, dueAt: number, seen?: Loaded) => Promise<void>;
  /** Takes the lease to advance an incident. `alone`: the caller works on nothing else that was left unfinished. */
  readonly take: (incident: string, how: { readonly forMs: number; readonly alone: boolean }) => Promise<Attempt>;
  /** Entries after a cursor ('0' = from the start), oldest first, at most `limit`. */
  readonly entries: (
    incident: string,
    after: string,
    limit: number,
  ) => Promise<readonly { readonly id: string; readonly entry: Entry }[]>;
}

/** Kill jobs that a worker could not read, usually because it was older than the watcher. */
export interface DeadLetters {
  /** How many are kept, and how many there ever were. */
  readonly count: () => Promise<{ readonly kept: number; readonly ever: number }>;
  /**
   * Hands over the kills of the jobs that this version can read, oldest first, and removes what was taken. A kill may
   * be handed over twice. Returns how many were taken. @throws the first error of `take`, after all had their turn
   */
  readonly revive: (take: (trigger: Trigger) => Promise<void>) => Promise<number>;
}

/** Hints to look now. Losing one is harmless: the sweep of `due` finds the work. */
export interface Hints {
  readonly advance: (incident: string) => Promise<void>;
  readonly show: (incident: string) => Promise<void>;
}

/**
 * Reading a cluster. Each evidence function has its own deadline and never throws: it says why something is missing.
 */
export interface ClusterReader {
  /** `nodeOom`: the kernel killed for the whole node, so the node is read too. */
  readonly findings: (trigger: Trigger, recent: readonly Kill[], nodeOom?: NodeOom | null) => Promise<Findings>;
  /** How the users of a workload fare. Has a deadline and never throws: what could not be read is null. */
  readonly impact: (trigger: Trigger) => Promise<ImpactRead>;
  /** The live objects that a plan reads and writes, for making it and for checking it before the write. */
  readonly planInputs: (trigger: Trigger) => Promise<PlanInputs>;
  /** What it and its siblings used, in all of its known time or since a moment (ms UTC). Never throws. */
  readonly usage: (trigger: Trigger, recent: readonly Kill[], since: number) => Promise<Evidence<UsageHistory>>;
  /** Reads what a remediation changed. */
  readonly observe: (plan: Plan, subject: Subject) => Promise<Observation>;
}

/** Writing to a cluster. In mode `observe` every function throws Failure('observe-only') before anything is sent. */
export interface ClusterWriter {
  /**
   * Resizes each pod of the plan, or patches the workload's template, with the plan's id as annotation on what was
   * changed (workload) and uid and resourceVersion as precondition. Idempotent: what already has the value is left
   * alone. Asks `mayWrite` before each call that changes something. Throws Failure('stale-plan') when the fields' hash has changed, Failure('resize-refused') with the server's
   * reason, and what `mayWrite` throws.
   */
  readonly carryOut: (plan: Plan, means: Means, mayWrite: () => Promise<void>) => Promise<void>;
}

/** Which change of a cluster's kill switch a channel was told of. */
export interface PauseTold {
  /** Compare-and-set counter: 0 before the first write, one more with each. */
  readonly revision: number;
  /** As in show/send-once.ts. */
  readonly claims: Readonly<Record<string, number>>;
  /** `KillSwitch.changes` of then. */
  readonly told: number;
}

/** Of one cluster, by channel. Every function may throw a Failure of Redis. */
export interface PausesTold {
  /** At revision 0 if nothing was told there. */
  readonly read: (channel: string) => Promise<PauseTold>;
  /** Null if another process was faster. */
  readonly write: (channel: string, told: PauseTold) => Promise<PauseTold | null>;
}
