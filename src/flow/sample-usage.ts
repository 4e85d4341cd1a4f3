import { sampledShare, type Sampling } from '../core/evidence/sampled-history.ts';
import { containerKey, subjectOfContainer } from '../core/evidence/usage-now.ts';
import type { ContainerNow, UsageCourse, UsagePoint } from '../core/evidence/usage-now.ts';
import { Failure } from '../core/failure.ts';
import { subjectKey } from '../core/kill/kill.ts';
import type { Store } from './needs.ts';
import type { UsageSource } from './question-needs.ts';

/*
 * Usage without Prometheus: every half minute metrics.k8s.io is asked once, and of containers that were killed or
 * stand above 60 % of their limit the answer is kept. Limits come from a list of the pods that is renewed every ten
 * minutes, and for new pods from a list of their namespaces alone, so that most rounds cost one request whatever the
 * size of the cluster. While there is a Prometheus nothing is sampled at all. One worker of a cluster samples, by a
 * lease.
 */
export interface SampleNeeds {
  readonly cluster: string;
  readonly namespaces: readonly string[];
  readonly everyMs: number;
  /** So many containers are sampled: those that were killed first, then those nearest to their limit. */
  readonly most: number;
  readonly usageSource: () => UsageSource;
  readonly metricsNow: (namespaces: readonly string[], deadlineMs: number) => Promise<readonly UsageCourse[]>;
  readonly containers: (
    namespaces: readonly string[],
    deadlineMs: number,
  ) => Promise<{ readonly containers: readonly ContainerNow[] }>;
  readonly store: Pick<Store, 'open'>;
  readonly samples: {
    readonly keep: (samples: readonly (UsagePoint & { readonly name: string })[], old: boolean) => Promise<void>;
    readonly noteSampling: (sampling: Sampling) => Promise<void>;
    readonly lease: (forMs: number) => Promise<{ readonly extend: () => Promise<boolean> } | null>;
  };
  readonly now: () => number;
}

const pagesMs = 30_000;
const renewMs = 10 * 60_000;
const oldEveryMs = 5 * 60_000;
const mostOpen = 200;
/** Namespaces that are listed for new pods in one round. */
const mostNamespaces = 10;

export type Round = 'not-needed' | 'by-another' | 'sampled' | 'failed';

/** Takes samples; call `round` every `everyMs`. It throws Failures of the store; what the cluster refuses is noted. */
export function createSampler(needs: SampleNeeds): { readonly round: () => Promise<Round> } {
  const { everyMs, samples, now } = needs;
  let lease: { readonly extend: () => Promise<boolean> } | null = null;
  let since: number | null = null;
  let listedAt = -Infinity;
  let newAt = -Infinity;
  let oldAt = -Infinity;
  let known: ReadonlyMap<string, ContainerNow> = new Map();
  let strange: ReadonlySet<string> = new Set();
  /** ms UTC of the newest sample kept, by name: metrics-server looks more seldom than we ask. */
  let kept = new Map<string, number>();

  async function holdsLease(): Promise<boolean> {
    const forMs = everyMs * 3;
    if (lease !== null && (await lease.extend())) return true;
    lease = await samples.lease(forMs);
    return lease !== null;
  }

  async function round(): Promise<Round> {
    if (needs.usageSource().is === 'prometheus') {
      since = null;
      return 'not-needed';
    }
    if (!(await holdsLease())) return 'by-another';
    const at = now();
    since ??= at;
    try {
      const count = await sample(at);
      await samples.noteSampling({ since, at, everyMs, kept: count, problem: null });
      return 'sampled';
    } catch (error) {
      if (!(error instanceof Failure) || error.code.startsWith('redis-')) throw error;
      since = null;
      await samples.noteSampling({ since: at, at, everyMs, kept: 0, problem: error.message });
      return 'failed';
    }
  }

  async function sample(at: number): Promise<number> {
    const courses = await needs.metricsNow(needs.namespaces, Math.max(1_000, everyMs / 2));
    if (at - listedAt >= renewMs) {
      const { containers } = await needs.containers(needs.namespaces, pagesMs);
      known = new Map(containers.map((one) => [containerKey(one), one]));
      [listedAt, newAt] = [at, at];
      strange = new Set();
    } else if (at - newAt >= everyMs * 2) {
      await learnNew(courses);
      newAt = at;
    }
    const chosen = await choose(courses);
    const isNew = chosen.filter(({ name, t }) => (kept.get(name) ?? -Infinity) < t);
    const old = at - oldAt >= oldEveryMs;
    if (isNew.length > 0) await samples.keep(isNew, old);
    if (old) oldAt = at;
    kept = new Map(chosen.map(({ name, t }) => [name, t]));
    return chosen.length;
  }

  /** Pods that have come since the list. What their namespaces do not show either is not looked for again. */
  async function learnNew(courses: readonly UsageCourse[]): Promise<void> {
    const unknown = courses.filter((one) => !known.has(containerKey(one)) && !strange.has(containerKey(one)));
    if (unknown.length === 0) return;
    const namespaces = [...new Set(unknown.map(({ namespace }) => namespace))].slice(0, mostNamespaces);
    const { containers } = await needs.containers(namespaces, pagesMs);
    known = new Map([...known, ...containers.map((one) => [containerKey(one), one] as const)]);
    const looked = unknown.filter(({ namespace }) => namespaces.includes(namespace)).map(containerKey);
    strange = new Set([...strange, ...looked.filter((name) => !known.has(name))]);
  }

  async function choose(courses: readonly UsageCourse[]): Promise<readonly (UsagePoint & { readonly name: string })[]> {
    const open = await needs.store.open(mostOpen);
    const subjects = new Set(open.map(({ incident }) => subjectKey(incident.subject)));
    // A pod that is younger than the list is known by its kills.
    const pods = new Set(
      open.flatMap(({ incident, tally }) =>
        tally.recent.map((kill) => `${kill.subject.namespace ?? ''}/${kill.pod}/${incident.subject.container ?? ''}`),
      ),
    );
    return courses
      .flatMap((course) => {
        const name = containerKey(course);
        const container = known.get(name);
        const point = course.points.at(-1);
        if (point === undefined) return [];
        const limit = container?.limitBytes ?? null;
        const share = limit === null ? 0 : point.bytes / limit;
        const wasKilled =
          pods.has(name) ||
          (container !== undefined && subjects.has(subjectKey(subjectOfContainer(needs.cluster, container))));
        return wasKilled || share >= sampledShare ? [{ name, ...point, rank: wasKilled ? 2 + share : share }] : [];
      })
      .toSorted((a, b) => b.rank - a.rank)
      .slice(0, needs.most)
      .map(({ name, t, bytes }) => ({ name, t, bytes }));
  }

  return { round };
}
