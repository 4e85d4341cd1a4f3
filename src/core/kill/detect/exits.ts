import { bareContainerId } from '../cgroup.ts';
import type { ContainerRun } from '../container-run.ts';
import { terminationFingerprint } from '../fingerprint.ts';
import type { IgnoredReason } from '../ignored-reason.ts';
import type { Kill } from '../kill.ts';
import type { KillOrigin } from './make-kill.ts';
import { containerKill } from './make-kill.ts';
import { lastingUid, namesOfPod } from '../pod.ts';
import type { PodView } from '../pod.ts';
import { createRecent } from '../../units/recent.ts';
import type { Detection, Sighting } from './detection.ts';
import { isOldNews } from './detection.ts';
import type { Exit } from './explain-exit.ts';
import { explainExit, ordersFulfilled, outlivedGrace } from './explain-exit.ts';
import { firstReading } from './first-reading.ts';
import type { KernelMessages } from './kernel-messages.ts';
import type { PodLimitKills } from './pod-limit-kills.ts';
import type { StopOrder } from './stop-order.ts';
import { createStopOrders } from './stop-orders.ts';
import { createSuspicions } from './suspicions.ts';
import type { Suspicions } from './suspicions.ts';
import { createUnseenRestarts } from './unseen-restarts.ts';

/*
 * What happens to the end of a container's run, identified by its fingerprint:
 *
 *   new --------> kill                     OOMKilled 137, killed at the start, child process
 *   new --------> ignored                  explained at once (deletion, sticky reason, invented status, …)
 *   new --------> pending                  unexplained exit 137: the Event that explains it may be on its way
 *   pending ----> ignored | kill           an Event, a message of the kernel or a later status decides
 *   pending ----> suspect                  `windowMs` have passed
 *   suspect ----> ignored | kill           the same, later: a second detection with the same fingerprint
 *   ignored ----> kill                     containerd wrote `Error` first and `OOMKilled` later
 *   kill                                   final
 *
 * Memory is bounded by `maxKnown` ends, not by pods: a pod that was never killed takes no space here.
 */
export interface Exits extends Pick<Suspicions, 'tick' | 'oldestPending'> {
  /** Reads the ended runs that this pod object shows. */
  readonly see: (pod: PodView, sighting: Sighting) => readonly Detection[];
  /** A container was ordered to stop, which may explain a pending end. */
  readonly explainBy: (order: StopOrder) => readonly Detection[];
  /** The kernel killed in this run: an unexplained SIGKILL in it was the kernel's. */
  readonly hit: (run: ContainerRun) => readonly Detection[];
}

export interface ExitsOptions {
  readonly cluster: string;
  readonly windowMs: number;
  readonly weakExits: boolean;
  readonly maxKnown: number;
  readonly podLimitKills: PodLimitKills;
  readonly messages: Pick<KernelMessages, 'isHit' | 'ended'>;
}

export function createExits({ cluster, windowMs, weakExits, maxKnown, podLimitKills, messages }: ExitsOptions): Exits {
  const decided = createRecent<'final' | 'ignored'>(maxKnown);
  const suspicions = createSuspicions({ windowMs, max: Math.ceil(maxKnown / 10) });
  const orders = createStopOrders();
  const restarts = createUnseenRestarts(maxKnown);

  function seeExit(exit: Exit, sighting: Sighting): Detection | null {
    if (isOldNews(exit.termination.finishedAtMs, sighting)) return null;
    const origin = originOf(exit, sighting);
    const known = decided.get(origin.fingerprint);
    if (known === 'final') return null;
    // A status that the kubelet made up has no time, so any order would seem to explain it.
    if (exit.termination.finishedAtMs !== null)
      orders.use(ordersFulfilled(exit, ordersFor(exit, origin)), origin.fingerprint);

    const reading = firstReading(exit.termination, podLimitKills.killedSibling(exit));
    if (reading.is === 'kill') {
      // NOTE: a stopped container also reads OOMKilled 137 if one of its processes was killed earlier in the run.
      const isStop = reading.kind === 'container' && outlivedGrace(exit, ordersFor(exit, origin));
      if (!isStop) return kill(exit, origin, reading.kind);
    }
    if (known === 'ignored' || reading.is === 'nothing') return null;
    if (reading.is !== 'unexplained')
      return ignore(exit, origin, reading.is === 'ignored' ? reading.reason : 'sticky-reason');
    return reading.weak && !weakExits ? null : seeUnexplained(exit, origin, reading.kind);
  }

  function seeUnexplained(seen: Exit, sighted: KillOrigin, kind: 'container' | 'self'): Detection | null {
    const before = suspicions.get(sighted.fingerprint);
    const origin = before?.origin ?? sighted;
    const exit = { ...seen, beforeDeletion: seen.beforeDeletion || before?.exit.beforeDeletion === true };
    const reason = explain(exit, origin);
    if (reason !== null) return ignore(exit, origin, reason);
    const { containerId, finishedAtMs } = exit.termination;
    const isHit = containerId !== null && messages.isHit(bareContainerId(containerId), finishedAtMs);
    if (kind === 'container' && isHit) return kill(exit, origin, 'container');
    const suspect = before?.kill ?? containerKill(origin, exit, { kind, suspect: true });
    suspicions.set({ exit, origin, kill: suspect });
    return null;
  }

  function explain(exit: Exit, origin: KillOrigin): IgnoredReason | null {
    const explanation = explainExit(exit, ordersFor(exit, origin));
    if (explanation !== null) orders.use(explanation.orders, origin.fingerprint);
    return explanation?.reason ?? null;
  }

  function ordersFor({ pod, container }: Exit, { fingerprint }: KillOrigin): readonly StopOrder[] {
    return orders.of(namesOfPod(pod), container.name, fingerprint);
  }

  function kill(exit: Exit, origin: KillOrigin, kind: Kill['kind']): Detection {
    podLimitKills.add(exit);
    suspicions.delete(origin.fingerprint);
    decided.set(origin.fingerprint, 'final');
    const made = containerKill(origin, exit, { kind, suspect: false });
    const { containerId, finishedAtMs } = exit.termination;
    const isOwn = kind !== 'child-process' && containerId !== null;
    const reported = isOwn ? messages.ended(bareContainerId(containerId), finishedAtMs) : null;
    return {
      is: 'kill',
      kill: reported === null ? made : { ...made, ...sameAs(reported) },
      problems: exit.pod.problems,
    };
  }

  function ignore(exit: Exit, origin: KillOrigin, reason: IgnoredReason): Detection {
    suspicions.delete(origin.fingerprint);
    // `OOMKilled` is all that a status can say; without it, it may still arrive.
    decided.set(origin.fingerprint, exit.termination.reason === 'OOMKilled' ? 'final' : 'ignored');
    const ignored = containerKill(origin, exit, { kind: 'container', suspect: false });
    return { is: 'ignored', reason, kill: ignored };
  }

  function originOf(exit: Exit, { atMs, initial = false }: Sighting): KillOrigin {
    const { pod, container, termination } = exit;
    const fingerprint = terminationFingerprint(cluster, lastingUid(pod), container.name, termination);
    const unseen = restarts.see(exit);
    const more = unseen === 0 ? {} : { unseenRestarts: unseen };
    return { cluster, fingerprint, startedBeforeWatch: initial, seenAtMs: atMs, ...more };
  }

  return {
    // In order of time, because the kill of one container can explain the exit of another.
    see: (pod, sighting) => exitsOf(pod).flatMap((exit) => seeExit(exit, sighting) ?? []),
    explainBy: (order) => {
      if (!orders.add(order)) return [];
      return suspicions.ofPod(order.podUid).flatMap(({ exit, origin }) => {
        const reason = explain(exit, origin);
        return reason === null ? [] : ignore(exit, origin, reason);
      });
    },
    hit: ({ pod, containerId }) =>
      suspicions
        .ofPod(pod.uid)
        .filter((one) => one.kill.kind === 'container' && endOf(one.exit) === containerId)
        .map(({ exit, origin }) => kill(exit, origin, 'container')),
    tick: suspicions.tick,
    oldestPending: suspicions.oldestPending,
  };
}

function exitsOf(pod: PodView): readonly Exit[] {
  return pod.containers
    .flatMap((container) =>
      container.terminations.map((termination): Exit => ({
        pod,
        container,
        termination,
        beforeDeletion: pod.deletion === null,
      })),
    )
    .toSorted((a, b) => (a.termination.finishedAtMs ?? Infinity) - (b.termination.finishedAtMs ?? Infinity));
}

function endOf({ termination: { containerId } }: Exit): string | null {
  return containerId === null ? null : bareContainerId(containerId);
}

/**
 * This kill was already reported as a process kill; with the process attached the worker gives both the same number
 * (child-number.ts).
 */
function sameAs({ fingerprint, victim }: Kill): Pick<Kill, 'fingerprint' | 'victim'> {
  return { fingerprint, ...(victim === undefined ? {} : { victim }) };
}
