import { sampledShare, type Sampling } from '../../core/evidence/sampled-history.ts';
import { containerKey, subjectOfContainer } from '../../core/evidence/usage-now.ts';
import type { ContainerNow, UsageSeries, UsagePoint } from '../../core/evidence/usage-now.ts';
import { Failure } from '../../core/failure.ts';
import { warningOf } from '../../core/incident/triggers.ts';
import type { Loaded } from '../../core/incident/incident.ts';
import { subjectKey } from '../../core/kill/kill.ts';
import { createHeldLease } from '../held-lease.ts';
import type { TakeLease } from '../held-lease.ts';
import { createKnownContainers } from './known-containers.ts';
import type { KnownContainersNeeds } from './known-containers.ts';
import type { Store } from '../needs.ts';
import type { UsageSource } from '../answer/question-needs.ts';
import { hourMs, minuteMs } from '../../core/units/duration.ts';

/*
 * Usage is checked every half minute, in one request whatever the size of the cluster, by the one worker of a cluster
 * that holds the lease. Without a Prometheus it is read from metrics.k8s.io, and samples are kept for containers that
 * were killed or that used more than 60% of their limit in the last hour; with a Prometheus nothing has to be kept.
 * What is above 60% is then checked more closely for kills that are about to happen (look-ahead.ts).
 */
export interface SampleNeeds {
  readonly cluster: string;
  readonly namespaces: readonly string[];
  readonly everyMs: number;
  /** How many containers are sampled: first those that were killed, then those nearest to their limit. */
  readonly most: number;
  readonly usageSource: () => UsageSource;
  readonly metricsNow: (namespaces: readonly string[], deadlineMs: number) => Promise<readonly UsageSeries[]>;
  /** One point for each container, from a Prometheus. */
  readonly prometheusNow: (
    url: string,
    namespaces: readonly string[],
    deadlineMs: number,
  ) => Promise<readonly UsageSeries[]>;
  readonly containers: KnownContainersNeeds['containers'];
  readonly store: Pick<Store, 'open'>;
  readonly samples: {
    readonly keep: (samples: readonly (UsagePoint & { readonly name: string })[], old: boolean) => Promise<void>;
    readonly noteSampling: (sampling: Sampling) => Promise<void>;
    readonly lease: TakeLease;
  };
  /** Checks for kills that are about to happen; null if warnings are turned off. */
  readonly lookAhead: ((check: UsageCheck) => Promise<void>) | null;
  readonly now: () => number;
}

/** What one round saw. */
export interface UsageCheck {
  /** ms UTC */
  readonly at: number;
  readonly open: readonly Loaded[];
  /** Names (`containerKey`) of all containers that use memory. */
  readonly seen: ReadonlySet<string>;
  /** Those above 60% of their limit: first what was warned of, then the nearest. */
  readonly near: readonly ContainerNow[];
}

const oldEveryMs = 5 * minuteMs;
const mostOpen = 200;
/**
 * A container that is sampled stays sampled for so long, however low its usage falls: a series with gaps has no shape.
 */
const staysMs = hourMs;

export type Round = 'not-needed' | 'by-another' | 'sampled' | 'looked' | 'failed';

/**
 * Checks usage; call `round` every `everyMs`. It throws Failures of the store; failures of the cluster are recorded.
 */
export function createSampler(needs: SampleNeeds): { readonly round: () => Promise<Round> } {
  const { everyMs, samples, now } = needs;
  const deadlineMs = Math.max(1_000, everyMs / 2);
  const known = createKnownContainers(needs);
  const lease = createHeldLease(samples.lease, everyMs * 3);
  let since: number | null = null;
  let oldAt = -Infinity;
  /** By name: ms UTC of the newest sample kept, because metrics-server measures less often than we ask. */
  let kept = new Map<string, number>();
  /** By name: when it was last above 60%, ms UTC. */
  const nearAt = new Map<string, number>();

  async function round(): Promise<Round> {
    const source = needs.usageSource();
    if (source.is === 'prometheus') since = null;
    if (source.is === 'prometheus' && needs.lookAhead === null) return 'not-needed';
    if (!(await lease.holds())) return 'by-another';
    const at = now();
    if (source.is === 'prometheus') {
      const allSeries = await needs.prometheusNow(source.url, needs.namespaces, deadlineMs);
      await known.learn(allSeries, at);
      await lookAhead(allSeries, await needs.store.open(mostOpen), at);
      return 'looked';
    }
    since ??= at;
    try {
      const allSeries = await needs.metricsNow(needs.namespaces, deadlineMs);
      await known.learn(allSeries, at);
      const open = await needs.store.open(mostOpen);
      const count = await keep(choose(allSeries, open, at), at);
      await samples.noteSampling({ since, at, everyMs, kept: count, problem: null });
      await lookAhead(allSeries, open, at);
      return 'sampled';
    } catch (error) {
      if (!(error instanceof Failure) || error.code.startsWith('redis-')) throw error;
      since = null;
      await samples.noteSampling({ since: at, at, everyMs, kept: 0, problem: error.message });
      return 'failed';
    }
  }

  async function keep(chosen: readonly (UsagePoint & { readonly name: string })[], at: number): Promise<number> {
    const isNew = chosen.filter(({ name, t }) => (kept.get(name) ?? -Infinity) < t);
    const old = at - oldAt >= oldEveryMs;
    if (isNew.length > 0) await samples.keep(isNew, old);
    if (old) oldAt = at;
    kept = new Map(chosen.map(({ name, t }) => [name, t]));
    return chosen.length;
  }

  async function lookAhead(allSeries: readonly UsageSeries[], open: readonly Loaded[], at: number): Promise<void> {
    if (needs.lookAhead === null) return;
    const shares = new Map<string, number>();
    for (const series of allSeries) {
      const name = containerKey(series);
      shares.set(name, Math.max(shareOf(series), shares.get(name) ?? 0));
    }
    // What was warned of is always checked, even if others are nearer to their limit, so that we can say how it ended.
    const warned = new Set(
      open.filter((one) => warningOf(one) !== null).map(({ incident }) => subjectKey(incident.subject)),
    );
    const isWarned = (name: string): number => {
      const container = known.get(name);
      return Number(container !== undefined && warned.has(subjectKey(subjectOfContainer(needs.cluster, container))));
    };
    const near = [...shares]
      .filter(([, share]) => share >= sampledShare)
      .map(([name, share]) => ({ name, rank: isWarned(name) + share }))
      .toSorted((a, b) => b.rank - a.rank)
      .slice(0, needs.most)
      .flatMap(({ name }) => known.get(name) ?? []);
    await needs.lookAhead({ at, open, seen: new Set(shares.keys()), near });
  }

  /** Used / limit; 0 without a limit. */
  function shareOf(series: UsageSeries): number {
    const limit = known.get(containerKey(series))?.limitBytes ?? null;
    return limit === null ? 0 : (series.points.at(-1)?.bytes ?? 0) / limit;
  }

  function choose(
    allSeries: readonly UsageSeries[],
    open: readonly Loaded[],
    at: number,
  ): readonly (UsagePoint & { readonly name: string })[] {
    for (const [name, last] of nearAt) if (last <= at - staysMs) nearAt.delete(name);
    const subjects = new Set(open.map(({ incident }) => subjectKey(incident.subject)));
    // A pod that is newer than the list is known from its kills.
    const pods = new Set(
      open.flatMap(({ incident, tally }) =>
        tally.recent.map((kill) => `${kill.subject.namespace ?? ''}/${kill.pod}/${incident.subject.container ?? ''}`),
      ),
    );
    return allSeries
      .flatMap((series) => {
        const name = containerKey(series);
        const container = known.get(name);
        const point = series.points.at(-1);
        if (point === undefined) return [];
        const share = shareOf(series);
        if (share >= sampledShare) nearAt.set(name, at);
        const stays = nearAt.has(name);
        const wasKilled =
          pods.has(name) ||
          (container !== undefined && subjects.has(subjectKey(subjectOfContainer(needs.cluster, container))));
        return wasKilled || stays ? [{ name, ...point, rank: wasKilled ? 2 + share : share }] : [];
      })
      .toSorted((a, b) => b.rank - a.rank)
      .slice(0, needs.most)
      .map(({ name, t, bytes }) => ({ name, t, bytes }));
  }

  return { round };
}
