import type { ChildLife } from '../core/kill/child-life.ts';
import { countChildren, newChildLife } from '../core/kill/child-life.ts';
import { childFingerprint, terminationFingerprint } from '../core/kill/fingerprint.ts';
import type { Kill } from '../core/kill/kill.ts';
import { lifeStatus } from '../core/kill/life-view.ts';
import type { LifeView } from '../core/kill/life-view.ts';
import { childKill } from '../core/kill/make-kill.ts';
import type { OomCount } from '../core/kill/oom-count.ts';
import type { Admission, Store } from './needs.ts';

/*
 * Processes that are killed while their container lives on leave no trace in the API: only cAdvisor counts them. Each
 * round asks for all counters that stand above 0, whatever the size of the cluster, and looks closer at those that have
 * risen: the container's own kill is in the counter too, so a rise is told when it is still unexplained at the next
 * round. One worker of a cluster does it, by a lease.
 */
export interface CounterNeeds {
  readonly cluster: string;
  readonly everyMs: number;
  /** A rise that is older than this is not told. */
  readonly lookBackMs: number;
  /** Counters above 0 now, or all as they were `agoMs` ago; null where nobody counts. */
  readonly counts: (agoMs: number) => Promise<readonly OomCount[] | null>;
  /** The container of a counter as the API shows it now; null when its pod is gone. */
  readonly lifeOf: (count: OomCount) => Promise<LifeView | null>;
  readonly store: Pick<Store, 'isAdmitted' | 'childLives' | 'suspects'>;
  readonly admit: (kill: Kill) => Promise<Admission>;
  readonly lease: (forMs: number) => Promise<{ readonly extend: () => Promise<boolean> } | null>;
  readonly now: () => number;
}

export type CounterRound = 'nobody-counts' | 'by-another' | 'looked';

/** Call `round` every `everyMs`. It throws Failures; the next round sees what this one did not. */
export function createCounterWatch(needs: CounterNeeds): { readonly round: () => Promise<CounterRound> } {
  const { everyMs, store } = needs;
  let lease: { readonly extend: () => Promise<boolean> } | null = null;
  /** Counters that are as they were and told, by container: nothing is asked about them. */
  let settled: ReadonlyMap<string, number> = new Map();

  async function holdsLease(): Promise<boolean> {
    if (lease !== null && (await lease.extend())) return true;
    lease = await needs.lease(everyMs * 3);
    return lease !== null;
  }

  async function round(): Promise<CounterRound> {
    if (!(await holdsLease())) return 'by-another';
    const counts = await needs.counts(0);
    if (counts === null) return 'nobody-counts';
    const named = counts.filter(hasId);
    const open = named.filter(({ containerId, value }) => settled.get(containerId) !== value);
    const lives = await store.childLives.read(open.map(({ containerId }) => containerId));
    const before = lives.some(({ life }) => !isCounted(life)) ? await countsBefore() : new Map<string, number>();
    const told = new Map(named.filter((one) => !open.includes(one)).map((one) => [one.containerId, one.value]));
    for (const [index, count] of open.entries()) {
      const known = lives[index]?.life ?? null;
      const done = await look(count, known, lives[index]?.token ?? '', before);
      if (done) told.set(count.containerId, count.value);
    }
    settled = told;
    return 'looked';
  }

  /** Whether nothing about this counter waits. */
  async function look(
    count: CountWithId,
    known: ChildLife | null,
    token: string,
    before: ReadonlyMap<string, number>,
  ): Promise<boolean> {
    const { containerId, value } = count;
    const view = await needs.lifeOf(count);
    if (view === null) return true;
    const life = isCounted(known) ? known : begin(count, view, known, before);
    const own = terminationFingerprint(needs.cluster, view.pod.uid, view.container.name, {
      containerId: lifeStatus(view).containerId,
      startedAt: null,
      finishedAt: null,
      exitCode: 137,
    });
    const ownKills = (await store.isAdmitted(own)) || (await confirmSuspect(own)) ? 1 : 0;
    const now = needs.now();
    const step = countChildren(life, { value, atMs: now, ownKills, settleMs: everyMs / 2 });
    for (const nth of step.told)
      await needs.admit(
        childKill(view, {
          cluster: needs.cluster,
          fingerprint: childFingerprint(needs.cluster, containerId, nth),
          startedBeforeWatch: false,
          seenAtMs: now,
        }),
      );
    // Somebody else numbered a kill of this life meanwhile: the next round sees both.
    const written = await store.childLives.write(containerId, token, step.life);
    return written && step.life.waiting === null;
  }

  /** A SIGKILL by nobody known, in a life in which the kernel killed: it was the kernel's. */
  async function confirmSuspect(fingerprint: string): Promise<boolean> {
    const suspect = (await store.suspects()).find(({ kill }) => kill.fingerprint === fingerprint)?.kill;
    if (suspect?.kind !== 'container') return false;
    await needs.admit({ ...suspect, suspect: false });
    return true;
  }

  /** A counter that is seen for the first time: what it stood at within the look-back counts from there. */
  function begin(
    { containerId, value }: CountWithId,
    view: LifeView,
    known: ChildLife | null,
    before: ReadonlyMap<string, number>,
  ): ChildLife {
    const isYoung = Date.parse(lifeStatus(view).startedAt ?? '') >= needs.now() - needs.lookBackMs;
    const base = isYoung ? 0 : (before.get(containerId) ?? value);
    return { ...(known ?? newChildLife(0)), base, last: base };
  }

  async function countsBefore(): Promise<ReadonlyMap<string, number>> {
    const counts = (await needs.counts(needs.lookBackMs)) ?? [];
    return new Map(counts.filter(hasId).map(({ containerId, value }) => [containerId, value]));
  }

  return { round };
}

function isCounted(life: ChildLife | null): life is ChildLife {
  return life !== null && life.countedAtMs !== null;
}

type CountWithId = OomCount & { readonly containerId: string };

function hasId(count: OomCount): count is CountWithId {
  return count.containerId !== null;
}
