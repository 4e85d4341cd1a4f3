import type { Freeze } from '../../core/approve/policy.ts';
import type { Sampling } from '../../core/evidence/sampled-history.ts';
import type { ContainerNow, UsageSeries, UsagePoint } from '../../core/evidence/usage-now.ts';
import type { Subject } from '../../core/kill/kill.ts';
import type { Trigger } from '../../core/kill/trigger.ts';
import type { MemoryPrice } from '../../core/talk/answers/debt.ts';
import type { LogAnswer, PauseAnswer, Question, TestAnswer } from '../../core/talk/question.ts';
import type { HeardAlert } from '../../core/talk/heard-alert.ts';
import type { KillCount } from '../../core/talk/top.ts';
import type { Heard } from '../ahead/hear-alerts.ts';
import type { Store } from '../needs.ts';
import type { TestQuestion } from '../test-kill/answer-test.ts';
import type { Log } from '../worker-needs.ts';

/** Where usage is read from. */
export type UsageSource =
  | { readonly is: 'prometheus'; readonly url: string; readonly words: string }
  /** `why` begins a sentence: `no Prometheus was found`. `details` say what was tried, for whoever sets it up. */
  | { readonly is: 'none'; readonly why: string; readonly details: string };

export type PauseQuestion = Extract<Question, { ask: 'pause' }>;

/**
 * What answering questions needs from outside. Sizes are bytes, times ms UTC. Every function may throw a Failure; those
 * with a `deadlineMs` end by then.
 */
export interface QuestionNeeds {
  readonly cluster: string;
  readonly mode: 'observe' | 'act';
  /** Namespaces that this worker is confined to; empty = all. */
  readonly namespaces: readonly string[];
  readonly startedAt: number;
  readonly store: Pick<Store, 'open' | 'load' | 'pause'>;
  readonly containers: (
    namespaces: readonly string[],
    deadlineMs: number,
  ) => Promise<{ readonly containers: readonly ContainerNow[]; readonly notes: readonly string[] }>;
  /** After how long a run counts as settled, ms. */
  readonly settledMs: number;
  readonly usageSource: () => UsageSource;
  readonly prometheusNow: (
    url: string,
    namespaces: readonly string[],
    deadlineMs: number,
  ) => Promise<readonly UsageSeries[]>;
  /** The most that each container used in the last day, one point per run. */
  readonly prometheusPeaks: QuestionNeeds['prometheusNow'];
  /** As policy says; null where it says nothing. */
  readonly memoryPrice: MemoryPrice | null;
  /** All that policy knows, of whatever time and cluster. */
  readonly freezes: readonly Freeze[];
  readonly metricsNow: (namespaces: readonly string[], deadlineMs: number) => Promise<readonly UsageSeries[]>;
  /** The worker's own samples of these containers (`containerKey`), oldest first. */
  readonly samples: (names: readonly string[]) => Promise<ReadonlyMap<string, readonly UsagePoint[]>>;
  readonly sampling: () => Promise<Sampling | null>;
  /** By `subjectKey`; subjects without a kill in 7 days are left out. */
  readonly killCounts: (subjects: readonly Subject[]) => Promise<ReadonlyMap<string, KillCount>>;
  readonly logTail: (trigger: Trigger, deadlineMs: number) => Promise<LogAnswer>;
  /** Sets or releases the kill switch, if policy allows this person to. */
  readonly pause: (question: PauseQuestion) => Promise<PauseAnswer>;
  /** Makes a pod that is killed once, if this person may have that; answers within `patienceMs` (ms). */
  readonly test: (question: TestQuestion, patienceMs: number) => Promise<TestAnswer>;
  /** Maps alerts to subjects, and opens or joins incidents. */
  readonly hearAlerts: (alerts: readonly HeardAlert[]) => Promise<readonly Heard[]>;
  readonly now: () => number;
  readonly log: Log;
}
