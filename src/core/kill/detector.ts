import type { Detection, Sighting } from './detection.ts';
import { readEviction } from './eviction.ts';
import type { Exit } from './explain-exit.ts';
import { explainExit, outlivedGrace } from './explain-exit.ts';
import { evictionFingerprint, terminationFingerprint } from './fingerprint.ts';
import { firstReading } from './first-reading.ts';
import type { IgnoredReason } from './ignored-reason.ts';
import type { Kill } from './kill.ts';
import type { KillOrigin } from './make-kill.ts';
import { containerKill, evictionKill } from './make-kill.ts';
import { createPodLimitMarks } from './pod-limit-marks.ts';
import type { PodView } from './pod.ts';
import { readPod } from './pod.ts';
import { createRecent } from './recent.ts';
import type { StopOrder } from './stop-order.ts';
import { readStopOrder } from './stop-order.ts';
import { createStopOrders } from './stop-orders.ts';
import { createSuspicions } from './suspicions.ts';

/*
 * Pods and Events go in, each kill comes out once. A termination, known by its fingerprint, is one of:
 *
 *   new --------> kill                     OOMKilled 137, killed at the start, child process, eviction
 *   new --------> ignored                  explained at once (deletion, sticky mark, invented status, …)
 *   new --------> pending                  exit 137 by nobody known: the Event that explains it may be on its way
 *   pending ----> ignored | kill           an Event or a later status tells
 *   pending ----> suspect                  `windowMs` have passed
 *   suspect ----> ignored | kill           the same, later: a second detection with the same fingerprint
 *   ignored ----> kill                     containerd wrote `Error` first and `OOMKilled` later
 *   kill                                   final
 *
 * Memory is bounded by `maxKnown` terminations, not by pods: a pod that was never killed leaves nothing here. The
 * clock is the `atMs` of what comes in; it never goes back.
 */

export interface Detector {
  /** A line of a watch on pods: any type, the object as parsed JSON. Never throws; what is no pod gives nothing. */
  readonly pod: (type: string, object: unknown, sighting: Sighting) => readonly Detection[];
  /** A line of a watch on Events. */
  readonly event: (type: string, object: unknown, atMs: number) => readonly Detection[];
  /** Time has passed: pending ones whose window is over become suspects. */
  readonly tick: (nowMs: number) => readonly Detection[];
  /** Nothing more will come: all pending ones become suspects. */
  readonly flush: () => readonly Detection[];
  /** The line that a resume point must not pass, because what it showed is not decided yet. */
  readonly oldestPending: () => { readonly atMs: number; readonly resourceVersion: string | null } | null;
}

export interface DetectorOptions {
  readonly cluster: string;
  /** How long an explaining Event may take. The longest recorded gap is 2.2 s. */
  readonly windowMs?: number;
  readonly maxKnown?: number;
}

export function createDetector({ cluster, windowMs = 10_000, maxKnown = 20_000 }: DetectorOptions): Detector {
  const decided = createRecent<'kill' | 'ignored'>(maxKnown);
  const suspicions = createSuspicions({ windowMs, max: Math.ceil(maxKnown / 10) });
  const orders = createStopOrders();
  const marks = createPodLimitMarks();

  function seePod(object: unknown, sighting: Sighting): readonly Detection[] {
    const pod = readPod(object);
    if (pod === null) return [];
    const exits = pod.containers.flatMap((container) =>
      container.terminations.map((termination): Exit => ({
        pod,
        container,
        termination,
        beforeDeletion: pod.deletion === null,
      })),
    );
    // In time order, because the kill of one container can explain the exit of another.
    const found = exits.toSorted(byEnd).map((exit) => seeExit(exit, sighting));
    return [...found, seeEviction(pod, sighting)].filter((detection) => detection !== null);
  }

  function seeExit(exit: Exit, sighting: Sighting): Detection | null {
    const { pod, container, termination } = exit;
    if (isOld(termination.finishedAtMs, sighting)) return null;
    const origin = originOf(terminationFingerprint(cluster, pod.uid, container.name, termination), sighting);
    const known = decided.get(origin.fingerprint);
    if (known === 'kill') return null;

    const reading = firstReading(termination, marks.isMarked(exit));
    if (reading.is === 'kill') {
      // NOTE: a container that is stopped reads OOMKilled 137 like a killed one, if it was marked earlier in its life.
      const isStop = reading.kind === 'container' && outlivedGrace(exit, ordersFor(exit, origin));
      if (!isStop) return kill(exit, origin, reading.kind);
    }
    if (known === 'ignored' || reading.is === 'nothing') return null;
    if (reading.is === 'unexplained') return seeUnexplained(exit, origin);
    return ignore(exit, origin, reading.is === 'ignored' ? reading.reason : 'sticky-reason');
  }

  function seeUnexplained(seen: Exit, sighted: KillOrigin): Detection | null {
    const before = suspicions.get(sighted.fingerprint);
    const origin = before?.origin ?? sighted;
    const exit = { ...seen, beforeDeletion: seen.beforeDeletion || before?.exit.beforeDeletion === true };
    const reason = explain(exit, origin);
    if (reason !== null) return ignore(exit, origin, reason);
    const suspect = before?.kill ?? containerKill(origin, exit, { kind: 'container', suspect: true });
    suspicions.set({ exit, origin, kill: suspect });
    return null;
  }

  function seeEviction(pod: PodView, sighting: Sighting): Detection | null {
    const reading = readEviction(pod);
    const origin = originOf(evictionFingerprint(cluster, pod.uid), sighting);
    if (reading.is === 'nothing' || decided.get(origin.fingerprint) !== undefined) return null;
    if (isOld(pod.disruptedAt === null ? null : Date.parse(pod.disruptedAt), sighting)) return null;
    decided.set(origin.fingerprint, reading.is);
    const evicted = evictionKill(origin, pod);
    return reading.is === 'kill'
      ? { is: 'kill', kill: evicted, problems: pod.problems }
      : { is: 'ignored', reason: reading.reason, kill: evicted, wasSuspect: false };
  }

  function seeEvent(object: unknown): readonly Detection[] {
    const order = readStopOrder(object);
    if (order === null || !orders.add(order)) return [];
    return suspicions.ofPod(order.podUid).flatMap(({ exit, origin }) => {
      const reason = explain(exit, origin);
      return reason === null ? [] : ignore(exit, origin, reason);
    });
  }

  function explain(exit: Exit, origin: KillOrigin): IgnoredReason | null {
    const explanation = explainExit(exit, ordersFor(exit, origin));
    if (explanation !== null) orders.use(explanation.orders, origin.fingerprint);
    return explanation?.reason ?? null;
  }

  function ordersFor({ pod, container }: Exit, { fingerprint }: KillOrigin): readonly StopOrder[] {
    return orders.of(pod.uid, container.name, fingerprint);
  }

  function kill(exit: Exit, origin: KillOrigin, kind: Kill['kind']): Detection {
    marks.add(exit);
    suspicions.delete(origin.fingerprint);
    decided.set(origin.fingerprint, 'kill');
    return { is: 'kill', kill: containerKill(origin, exit, { kind, suspect: false }), problems: exit.pod.problems };
  }

  function ignore(exit: Exit, origin: KillOrigin, reason: IgnoredReason): Detection {
    const wasSuspect = suspicions.delete(origin.fingerprint);
    decided.set(origin.fingerprint, 'ignored');
    const ignored = containerKill(origin, exit, { kind: 'container', suspect: false });
    return { is: 'ignored', reason, kill: ignored, wasSuspect };
  }

  function originOf(fingerprint: string, { atMs, initial = false }: Sighting): KillOrigin {
    return { cluster, fingerprint, startedBeforeWatch: initial, seenAtMs: atMs };
  }

  return {
    pod: (type, object, sighting) => {
      const over = suspicions.tick(sighting.atMs);
      return holdsObject(type) ? [...over, ...seePod(object, sighting)] : over;
    },
    event: (type, object, atMs) => {
      const found = holdsObject(type) ? seeEvent(object) : [];
      return [...found, ...suspicions.tick(atMs)];
    },
    tick: suspicions.tick,
    flush: () => suspicions.tick(Number.POSITIVE_INFINITY),
    oldestPending: suspicions.oldestPending,
  };
}

/** BOOKMARK and ERROR lines carry no object of their kind. */
function holdsObject(type: string): boolean {
  return type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED';
}

function isOld(endedAtMs: number | null, { notBeforeMs }: Sighting): boolean {
  return endedAtMs !== null && notBeforeMs !== undefined && endedAtMs < notBeforeMs;
}

function byEnd(a: Exit, b: Exit): number {
  return (a.termination.finishedAtMs ?? Infinity) - (b.termination.finishedAtMs ?? Infinity);
}
