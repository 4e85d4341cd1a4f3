import type { Findings } from '../core/evidence/evidence.ts';
import type { Pause } from '../core/approve/policy.ts';
import type { NodeOom } from '../core/evidence/node-oom.ts';
import type { ChartSeries } from '../core/evidence/chart-series.ts';
import type { AuditLine } from '../core/incident/audit.ts';
import type { Entry, Incident, Loaded, Request, Silence, Warned } from '../core/incident/incident.ts';
import type { Alert } from '../core/incident/warning.ts';
import type { Ignored } from '../core/kill/ignored.ts';
import type { Kill, Subject } from '../core/kill/kill.ts';
import type { Counted } from '../core/kill/oom-count.ts';
import type { Trigger } from '../core/kill/trigger.ts';
import type { PlanInputs } from '../core/remediate/plan-inputs.ts';
import type { Means, Plan } from '../core/remediate/plan.ts';
import type { KilledPod } from '../core/talk/pod-history.ts';
import type { Observation } from '../core/verify/observation.ts';

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
  /** There is an open incident of the subject; nothing was changed. */
  | { readonly is: 'open'; readonly incident: string };

/** The outcome of one transition, written in one commit. */
export interface Change {
  readonly incident: Incident;
  readonly entries: readonly Entry[];
  /** For the record that `oomkeeper audit` prints. */
  readonly audit: readonly AuditLine[];
  /** Requests that this change answers; they leave the list of the undecided. */
  readonly decided: readonly string[];
  /** Next time to look at the incident; null = never again. */
  readonly dueAt: number | null;
}

/** Kills of single processes, by the bare id of a container's run (core/kill/child-number.ts). */
export interface ChildRuns {
  /** The number, from 1, of the kill with this fingerprint among those of its run that are numbered here. */
  readonly numberOf: (run: string, fingerprint: string) => Promise<number>;
  /** How far the counters of these runs were told, in the same order; null for one that was never read. */
  readonly counted: (runs: readonly string[]) => Promise<readonly (Counted | null)[]>;
  readonly keepCounted: (run: string, counted: Counted) => Promise<void>;
}

/** The incidents of one cluster. */
export interface Store {
  /**
   * One commit: the fingerprint enters the ledger; the kill opens an incident, which the silence over its subject covers
   * too, or joins the open one of its subject.
   */
  readonly admit: (kill: Kill, mode: Incident['mode']) => Promise<Admission>;
  /**
   * One commit: the fingerprint enters the ledger, and an incident without a kill is opened, unless one is open. `alert`
   * is the one that warns; null for a forecast of our own.
   */
  readonly warn: (warned: Warned, alert: Alert | null, mode: Incident['mode']) => Promise<WarningAdmission>;
  /** The open incident of a subject, else the one that was closed last; null where neither is known. */
  readonly latestOf: (subject: Subject) => Promise<Loaded | null>;
  /** Whether a kill with this fingerprint was admitted. */
  readonly isAdmitted: (fingerprint: string) => Promise<boolean>;
  readonly hasOpen: (subject: Subject) => Promise<boolean>;
  readonly childRuns: ChildRuns;
  /** Sets the silence over a subject, which outlives its incidents, until it ends by itself, or ends it (null). */
  readonly keepSilence: (subject: Subject, silence: Silence | null) => Promise<void>;
  /** The kill switch: while it is set nothing is approved, begun or written in this cluster. */
  readonly pause: () => Promise<Pause | null>;
  readonly keepPause: (pause: Pause | null) => Promise<void>;
  /** Course of usage that a chart is drawn from, kept as long as a closed incident; null when it is gone. */
  readonly chart: (id: string) => Promise<ChartSeries | null>;
  readonly keepChart: (id: string, series: ChartSeries) => Promise<void>;
  /** Adds a line to the record that belongs to no incident's change. */
  readonly record: (line: AuditLine) => Promise<void>;
  /** The record since `since` (ms UTC), oldest first, at most `limit` lines. */
  readonly audit: (since: number, limit: number) => Promise<readonly AuditLine[]>;
  /** Keeps a suspect (bounded, newest last) for the person who asks; a later kill with its fingerprint still counts. */
  readonly keepSuspect: (kill: Kill, why: string) => Promise<void>;
  readonly suspects: () => Promise<readonly { readonly kill: Kill; readonly why: string }[]>;
  /** Pods that were killed, and in which incidents, open and closed ones (bounded, the one killed last comes last). */
  readonly killedPods: () => Promise<readonly KilledPod[]>;
  /** Terminations that looked like memory kills and are none (bounded, oldest first). */
  readonly ignored: () => Promise<readonly Ignored[]>;
  readonly load: (incident: string) => Promise<Loaded | null>;
  /** Open incidents, newest kill first, at most `limit`. */
  readonly open: (limit: number) => Promise<readonly Loaded[]>;
  /**
   * Loads, lets `decide` make a change, and commits it at the version that was read; on a conflict again with the
   * latest. `decide` returns null when there is nothing to do. Answers with what is stored afterwards.
   */
  readonly update: (incident: string, decide: (loaded: Loaded) => Change | null) => Promise<Loaded | null>;
  /** Records what a person asked for, once per `request.id`, and makes the incident due now. */
  readonly recordRequest: (request: Request) => Promise<'recorded' | 'known' | 'no-incident'>;
  /** Incidents whose time has come, by Redis time, oldest first. */
  readonly due: (limit: number) => Promise<readonly string[]>;
  /**
   * Moves an incident's time without a change to it. With `seen`, what the caller decided by, it stays due if a kill,
   * a request or a change has come since: otherwise that would wait until `dueAt` when its hint is lost.
   */
  readonly postpone: (incident: string, dueAt: number, seen?: Loaded) => Promise<void>;
  /** Lets one worker at a time advance an incident; null when somebody else does. */
  readonly lease: (
    incident: string,
    forMs: number,
  ) => Promise<{ readonly extend: () => Promise<boolean>; readonly release: () => Promise<void> } | null>;
  /** Entries after a cursor ('0' = from the start), oldest first, at most `limit`. */
  readonly entries: (
    incident: string,
    after: string,
    limit: number,
  ) => Promise<readonly { readonly id: string; readonly entry: Entry }[]>;
}

/** Kill jobs that a worker could not read: mostly it was older than the watcher. */
export interface DeadLetters {
  /** How many are kept, and how many there ever were. */
  readonly count: () => Promise<{ readonly kept: number; readonly ever: number }>;
  /**
   * Hands over the kills of those that this version can read, the oldest first; one that was taken is kept no longer. A
   * kill may be handed over twice. Answers how many were taken. @throws what `take` threw first, after all had their turn
   */
  readonly revive: (take: (trigger: Trigger) => Promise<void>) => Promise<number>;
}

/** Hints that make somebody look now. Losing one is harmless: the sweep of `due` finds the work. */
export interface Hints {
  readonly advance: (incident: string) => Promise<void>;
  readonly show: (incident: string) => Promise<void>;
}

/** Reading a cluster. Each evidence function keeps its own deadline and never throws: it says why it has nothing. */
export interface ClusterReader {
  /** `nodeOom`: the kernel killed for the whole node then, so that the node is looked at too. */
  readonly findings: (trigger: Trigger, recent: readonly Kill[], nodeOom?: NodeOom | null) => Promise<Findings>;
  /** The live objects that a plan reads and writes, for making it and for checking it before the write. */
  readonly planInputs: (trigger: Trigger) => Promise<PlanInputs>;
  /** Looks at what a remediation changed. */
  readonly observe: (plan: Plan, subject: Subject) => Promise<Observation>;
}

/** Writing to a cluster. In mode `observe` every function throws Failure('observe-only') before anything is sent. */
export interface ClusterWriter {
  /**
   * Resizes each pod of the plan, or patches the workload's template, with the plan's id as annotation on what was
   * changed (workload) and uid and resourceVersion as precondition. Idempotent: what already has the value is left.
   * Throws Failure('stale-plan') when the fields' hash has changed, Failure('resize-refused') with the server's reason.
   */
  readonly carryOut: (plan: Plan, means: Means, subject: Subject) => Promise<void>;
}
