import type { ChildLife } from '../../core/kill/child/child-life.ts';
import { countChildren, newChildLife } from '../../core/kill/child/child-life.ts';
import { childFingerprint } from '../../core/kill/fingerprint.ts';
import type { Kill } from '../../core/kill/kill.ts';
import { lifeOfLabels, ownFingerprints } from '../../core/kill/child/label-life.ts';
import { findLife, lifeStatus } from '../../core/kill/child/life-view.ts';
import type { LifeView } from '../../core/kill/child/life-view.ts';
import { childKill } from '../../core/kill/make-kill.ts';
import type { OomCount } from '../../core/kill/child/oom-count.ts';
import type { PodView } from '../../core/kill/pod.ts';
import { createRecent } from '../../core/kill/recent.ts';
import { createHeldLease } from '../held-lease.ts';
import type { TakeLease } from '../held-lease.ts';
import type { Admission, Store } from '../needs.ts';

/*
 * Processes that are killed while their container lives on leave no trace in the API: only cAdvisor counts them. Each
 * round asks for all counters that stand above 0, whatever the size of the cluster, and looks closer at those that have
 * risen: the container's own kill is in the counter too, so a rise is told when it is still unexplained at the next
 * round. One worker of a cluster does it, by a lease.
 *
 * A pod can be gone before that; its counter stays in Prometheus for five minutes. It is told then as it was seen
 * before, else as far as the counter's labels name it.
 */
export interface CounterNeeds {
  readonly cluster: string;
  readonly everyMs: number;
  /** A rise that is older than this is not told. */
  readonly lookBackMs: number;
  /** Counters above 0 now, or all as they were `agoMs` ago; null where nobody counts. */
  readonly counts: (agoMs: number) => Promise<readonly OomCount[] | null>;
  /** The pod of a counter as the API shows it now, or one that has its name since; null when there is none. */
  readonly podOf: (count: OomCount) => Promise<PodView | null>;
  readonly store: Pick<Store, 'isAdmitted' | 'childLives' | 'suspects'>;
  readonly admit: (kill: Kill) => Promise<Admission>;
  readonly lease: TakeLease;
  /** A counter that stands above 0 and is told of nowhere, and why; once for each value. */
  readonly onUntold: (count: OomCount, why: Untold) => void;
  readonly now: () => number;
}

/**
 * `no-container-id`: the labels that name the container's life were dropped on the way. `gone-without-uid`: its pod is
 * gone, and without the pod's uid the rise may be the container's own kill, which is known already. `restarted-since`: its
 * pod shows later lives alone; what ended this one was told of when it did.
 */
export type Untold = 'no-container-id' | 'gone-without-uid' | 'restarted-since';

export type CounterRound = 'nobody-counts' | 'by-another' | 'looked';

/** Pods that are remembered in case they are gone at the next look, and counters in case they come back. */
const mostViews = 1_000;

/** Call `round` every `everyMs`. It throws Failures; the next round sees what this one did not. */
export function createCounterWatch(needs: CounterNeeds): { readonly round: () => Promise<CounterRound> } {
  const { everyMs, store } = needs;
  const lease = createHeldLease(needs.lease, everyMs * 3);
  const views = createRecent<LifeView>(mostViews);
  /** Counters that are as they were and told, by container: nothing is asked about them. */
  let settled: ReadonlyMap<string, number> = new Map();
  /** Counters that have gone: read by nobody, or at 0 again because their kubelet was restarted. */
  const gone = createRecent<number>(mostViews);

  async function round(): Promise<CounterRound> {
    if (!(await lease.holds())) return 'by-another';
    const counts = await needs.counts(0);
    if (counts === null) return 'nobody-counts';
    const next = new Map<string, number>();
    for (const count of counts) if (!hasId(count)) settle(count, 'no-container-id', next);
    const named = counts.filter(hasId);
    const open = named.filter((count) => settled.get(keyOf(count)) !== count.value);
    for (const count of named) if (!open.includes(count)) next.set(keyOf(count), count.value);
    const beganAgain = await whichBeganAgain(named);
    const lives = await store.childLives.read(open.map(({ containerId }) => containerId));
    const readOnce: Round = {
      before: lives.some(({ life }) => !isCounted(life)) ? await countsBefore() : new Map<string, number>(),
      suspects: once(store.suspects),
      beganAgain,
    };
    for (const [index, count] of open.entries()) {
      const view = await viewOf(count);
      if (typeof view === 'string') settle(count, view, next);
      else if (await look(count, view, lives[index] ?? { life: null, token: '' }, readOnce))
        next.set(keyOf(count), count.value);
    }
    const present = new Set(counts.map(keyOf));
    for (const [key, value] of settled) if (!present.has(key)) gone.set(key, value);
    settled = next;
    return 'looked';
  }

  /** Those that are back no higher than they were, and stood at 0 a round ago: what they count now is new. */
  async function whichBeganAgain(counts: readonly CountWithId[]): Promise<ReadonlySet<string>> {
    const back = counts.filter(({ containerId, value }) => (gone.get(containerId) ?? -1) >= value);
    for (const { containerId } of counts) gone.delete(containerId);
    if (back.length === 0) return new Set();
    const before = new Map((await needs.counts(everyMs))?.map((count) => [count.containerId, count.value]));
    return new Set(back.map(({ containerId }) => containerId).filter((id) => before.get(id) === 0));
  }

  /** Nothing is told of this value. */
  function settle(count: OomCount, why: Untold, next: Map<string, number>): void {
    if (settled.get(keyOf(count)) !== count.value) needs.onUntold(count, why);
    next.set(keyOf(count), count.value);
  }

  /** The life that was counted: as its pod shows it now, or did before, or else as its labels name it. */
  async function viewOf(count: CountWithId): Promise<LifeView | Untold> {
    const { containerId, podUid } = count;
    const pod = await needs.podOf(count);
    const now = pod === null ? null : findLife(pod, containerId);
    if (now !== null) views.set(containerId, now);
    const view = now ?? views.get(containerId);
    if (view !== undefined) return view;
    // The uid in a static pod's cgroup is another than that of its mirror, whose owner is its node.
    const isIts = pod !== null && (podUid === null || pod.uid === podUid || pod.owner?.kind === 'Node');
    return isIts ? 'restarted-since' : (lifeOfLabels(count) ?? 'gone-without-uid');
  }

  /** Whether nothing about this counter waits. */
  async function look(
    { containerId, value }: CountWithId,
    view: LifeView,
    { life: known, token }: { readonly life: ChildLife | null; readonly token: string },
    { before, suspects, beganAgain }: Round,
  ): Promise<boolean> {
    const now = needs.now();
    const ownKills = (await isOwnKill(view, suspects)) ? 1 : 0;
    const counted = isCounted(known) ? known : begin({ containerId, value }, view, known, before);
    const read = { atMs: now, ownKills, settleMs: everyMs / 2 };
    const life = beganAgain.has(containerId) ? countChildren(counted, { ...read, value: 0 }).life : counted;
    const step = countChildren(life, { ...read, value });
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

  /** Also a SIGKILL by nobody known, in a life in which the kernel killed: it was the kernel's. */
  async function isOwnKill(view: LifeView, suspects: Round['suspects']): Promise<boolean> {
    const own = ownFingerprints(needs.cluster, view);
    for (const fingerprint of own) if (await store.isAdmitted(fingerprint)) return true;
    const suspect = (await suspects()).find(({ kill }) => own.includes(kill.fingerprint))?.kill;
    if (suspect?.kind !== 'container') return false;
    await needs.admit({ ...suspect, suspect: false });
    return true;
  }

  /** A counter that is seen for the first time: what it stood at within the look-back counts from there. */
  function begin(
    { containerId, value }: Pick<CountWithId, 'containerId' | 'value'>,
    view: LifeView,
    known: ChildLife | null,
    before: Round['before'],
  ): ChildLife {
    const { startedAt } = lifeStatus(view);
    const stood = before.get(containerId);
    // Where nobody says when it began, who was not counted a look-back ago while others were is young.
    const isYoung = startedAt === null ? before.size > 0 : Date.parse(startedAt) >= needs.now() - needs.lookBackMs;
    const base = isYoung && (startedAt !== null || stood === undefined) ? 0 : (stood ?? value);
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

/** What one round reads once, and only when it is needed. */
interface Round {
  /** Counters as they were a look-back ago, by container. */
  readonly before: ReadonlyMap<string, number>;
  readonly suspects: Store['suspects'];
  readonly beganAgain: ReadonlySet<string>;
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | null = null;
  return () => (reading ??= read());
}

function keyOf({ namespace, pod, container, containerId }: OomCount): string {
  return containerId ?? `${namespace}/${pod}/${container}`;
}

type CountWithId = OomCount & { readonly containerId: string };

function hasId(count: OomCount): count is CountWithId {
  return count.containerId !== null;
}
