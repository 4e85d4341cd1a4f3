import { bareContainerId, bareOrNull } from '../cgroup.ts';
import { createChildKills } from '../child/child-kills.ts';
import type { Detection, Sighting } from './detection.ts';
import { evictedAt, readEviction } from './eviction.ts';
import type { Exit } from './explain-exit.ts';
import { explainExit, ordersFulfilled, outlivedGrace } from './explain-exit.ts';
import { evictionFingerprint, terminationFingerprint } from '../fingerprint.ts';
import { firstReading } from './first-reading.ts';
import type { IgnoredReason } from '../ignored-reason.ts';
import type { Kill } from '../kill.ts';
import type { KillOrigin } from '../make-kill.ts';
import { containerKill, evictionKill } from '../make-kill.ts';
import { createNodeKills } from './node-kills.ts';
import { findLife, lifeOf } from '../child/life-view.ts';
import type { LifeView } from '../child/life-view.ts';
import type { OomCount } from '../child/oom-count.ts';
import type { OomReport } from '../child/oom-report.ts';
import { readOomReport } from '../child/oom-report.ts';
import { createPodLimitMarks } from './pod-limit-marks.ts';
import type { PodView } from '../pod.ts';
import { lastingUid, namesOfPod, readPod } from '../pod.ts';
import { createRecent } from '../recent.ts';
import type { StopOrder } from './stop-order.ts';
import { readStopOrder } from './stop-order.ts';
import { createStopOrders } from './stop-orders.ts';
import { createSuspicions } from './suspicions.ts';
import { createUnseenRestarts } from './unseen-restarts.ts';

/*
 * Pods and Events go in, each kill comes out once. A termination, known by its fingerprint, is one of:
 *
 *   new --------> kill                     OOMKilled 137, killed at the start, child process, eviction
 *   new --------> ignored                  the mark of a child's kill that a message or a counter told of already
 *   new --------> ignored                  explained at once (deletion, sticky mark, invented status, …)
 *   new --------> pending                  exit 137 by nobody known: the Event that explains it may be on its way
 *   pending ----> ignored | kill           an Event, a counter or a later status tells
 *   pending ----> suspect                  `windowMs` have passed
 *   suspect ----> ignored | kill           the same, later: a second detection with the same fingerprint
 *   ignored ----> kill                     containerd wrote `Error` first and `OOMKilled` later
 *   kill                                   final
 *
 * Kills that no status shows, of single processes and of whole nodes, come from the kernel's own words and counters:
 * child-kills.ts and node-kills.ts.
 *
 * Memory is bounded by `maxKnown` terminations, not by pods: a pod that was never killed leaves nothing here. The
 * clock is the `atMs` of what comes in; it never goes back.
 */

export interface Detector {
  /** A line of a watch on pods: any type, the object as parsed JSON. Never throws; what is no pod gives nothing. */
  readonly pod: (type: string, object: unknown, sighting: Sighting) => readonly Detection[];
  /** A line of a watch on Events. `podOf` finds the object of a pod that a message of the kernel is about. */
  readonly event: (
    type: string,
    object: unknown,
    sighting: Sighting,
    podOf?: (uid: string) => unknown,
  ) => readonly Detection[];
  /** A counter of kernel kills, of a container of this pod (as parsed JSON). */
  readonly count: (count: OomCount, pod: unknown) => readonly Detection[];
  /** Time has passed: pending ones whose window is over become suspects. */
  readonly tick: (nowMs: number) => readonly Detection[];
  /** Nothing more will come after `endMs` (ms UTC): all pending ones become suspects. */
  readonly flush: (endMs?: number) => readonly Detection[];
  /** The line that a resume point must not pass, because what it showed is not decided yet. */
  readonly oldestPending: () => { readonly atMs: number; readonly resourceVersion: string | null } | null;
}

export interface DetectorOptions {
  readonly cluster: string;
  /** How long an explaining Event may take. The longest recorded gap is 2.2 s. */
  readonly windowMs?: number;
  /** A counter of a container that has run for longer counts from where it is first seen. */
  readonly lookBackMs?: number;
  /** Also make suspects of exits 1 and 2, for somebody who knows which workloads have an incident. */
  readonly weakExits?: boolean;
  readonly maxKnown?: number;
}

/** How long the status of a killed container takes at most: recorded were 58 to 1118 ms, and the node may be busy. */
const statusMs = 5_000;

export function createDetector(options: DetectorOptions): Detector {
  const { cluster, windowMs = 10_000, lookBackMs = 3_600_000, weakExits = false, maxKnown = 20_000 } = options;
  const decided = createRecent<'final' | 'ignored'>(maxKnown);
  /** Ends of lives that ended by a kill of the container itself, ms UTC. */
  const ownKills = createRecent<{ readonly atMs: number | null }>(maxKnown);
  const suspicions = createSuspicions({ windowMs, max: Math.ceil(maxKnown / 10) });
  const orders = createStopOrders();
  const marks = createPodLimitMarks();
  const restarts = createUnseenRestarts(maxKnown);
  const silentWindowMs = Math.min(windowMs, statusMs);
  const nodes = createNodeKills({ cluster, windowMs: silentWindowMs, max: Math.ceil(maxKnown / 10) });
  const children = createChildKills({
    cluster,
    windowMs: silentWindowMs,
    lookBackMs,
    maxLives: Math.ceil(maxKnown / 10),
    ownKill: ({ containerId }) => ownKills.get(containerId) ?? null,
  });

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
    const unseen = restarts.see(exit);
    const fingerprint = terminationFingerprint(cluster, lastingUid(pod), container.name, termination);
    const origin = { ...originOf(fingerprint, sighting), ...(unseen === 0 ? {} : { unseenRestarts: unseen }) };
    const known = decided.get(origin.fingerprint);
    if (known === 'final') return null;
    // What the kubelet makes up has no time, and would take every order.
    if (termination.finishedAtMs !== null) orders.use(ordersFulfilled(exit, ordersFor(exit, origin)), fingerprint);

    const reading = firstReading(termination, marks.isMarked(exit));
    if (reading.is === 'kill') {
      // NOTE: a container that is stopped reads OOMKilled 137 like a killed one, if it was marked earlier in its life.
      const isStop = reading.kind === 'container' && outlivedGrace(exit, ordersFor(exit, origin));
      if (!isStop) return reading.kind === 'child-process' ? seeMark(exit, origin) : kill(exit, origin, reading.kind);
    }
    if (known === 'ignored' || reading.is === 'nothing') return null;
    if (reading.is === 'unexplained')
      return reading.weak && !weakExits ? null : seeUnexplained(exit, origin, reading.kind);
    return ignore(exit, origin, reading.is === 'ignored' ? reading.reason : 'sticky-reason');
  }

  /** The mark of an earlier kill: news only where nothing else told of one. */
  function seeMark(exit: Exit, origin: KillOrigin): Detection {
    const life = lifeOf(exit);
    const fingerprint = life === null ? origin.fingerprint : children.mark(life, origin.seenAtMs);
    if (fingerprint === null) return ignore(exit, origin, 'sticky-reason');
    const marked = kill(exit, origin, 'child-process');
    return { ...marked, kill: { ...marked.kill, fingerprint } };
  }

  function seeUnexplained(seen: Exit, sighted: KillOrigin, kind: 'container' | 'self'): Detection | null {
    const before = suspicions.get(sighted.fingerprint);
    const origin = before?.origin ?? sighted;
    const exit = { ...seen, beforeDeletion: seen.beforeDeletion || before?.exit.beforeDeletion === true };
    const reason = explain(exit, origin);
    if (reason !== null) return ignore(exit, origin, reason);
    const { containerId, finishedAtMs } = exit.termination;
    if (kind === 'container' && containerId !== null && children.isHit(containerId, finishedAtMs))
      return kill(exit, origin, 'container');
    const suspect = before?.kill ?? containerKill(origin, exit, { kind, suspect: true });
    suspicions.set({ exit, origin, kill: suspect });
    return null;
  }

  function seeEviction(pod: PodView, sighting: Sighting): Detection | null {
    const reading = readEviction(pod);
    const origin = originOf(evictionFingerprint(cluster, pod.uid), sighting);
    if (reading.is === 'nothing' || decided.get(origin.fingerprint) !== undefined) return null;
    const at = evictedAt(pod);
    if (isOld(at === null ? null : Date.parse(at), sighting)) return null;
    decided.set(origin.fingerprint, 'final');
    const evicted = evictionKill(origin, pod);
    return reading.is === 'kill'
      ? { is: 'kill', kill: evicted, problems: pod.problems }
      : { is: 'ignored', reason: reading.reason, kill: evicted, wasSuspect: false };
  }

  function seeReport(report: OomReport, sighting: Sighting, podOf: (uid: string) => unknown): readonly Detection[] {
    if (isOld(report.atMs, sighting)) return [];
    const pod = report.place === null ? null : readPod(podOf(report.place.podUid));
    const life = pod === null || report.place === null ? null : findLife(pod, report.place.containerId);
    if (report.isAbovePods) marks.addNode(report);
    const ofContainer = life !== null && report.scope === 'cgroup';
    if (ofContainer) children.report(report, life, sighting);
    const found = ofContainer && !report.isAbovePods ? null : nodes.report(report, pod, sighting);
    return [...(ofContainer ? seeHit(life) : []), ...(found === null ? [] : [asKill(found)])];
  }

  function seeCount(count: OomCount, object: unknown): readonly Detection[] {
    const pod = readPod(object);
    const container = pod?.containers.find(({ name }) => name === count.container);
    const containerId = count.containerId ?? bareOrNull(container?.containerId ?? null);
    if (pod === null || container === undefined || containerId === null) return [];
    const life = { pod, container, containerId };
    children.count(count, life);
    return seeHit(life);
  }

  /** A SIGKILL by nobody known in a life in which the kernel killed: it was the kernel's. */
  function seeHit({ pod, containerId }: LifeView): readonly Detection[] {
    if (!children.isHit(containerId, null)) return [];
    return suspicions
      .ofPod(pod.uid)
      .filter((one) => one.kill.kind === 'container' && bareOrNull(one.exit.termination.containerId) === containerId)
      .map(({ exit, origin }) => kill(exit, origin, 'container'));
  }

  function tick(nowMs: number): readonly Detection[] {
    const silent = [...children.tick(nowMs), ...nodes.tick(nowMs)];
    return [...suspicions.tick(nowMs), ...silent.map(asKill)];
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
    return orders.of(namesOfPod(pod), container.name, fingerprint);
  }

  function kill(exit: Exit, origin: KillOrigin, kind: Kill['kind']): Detection {
    marks.add(exit);
    suspicions.delete(origin.fingerprint);
    decided.set(origin.fingerprint, 'final');
    const made = containerKill(origin, exit, { kind, suspect: false });
    nodes.seen(made);
    const { containerId, finishedAtMs } = exit.termination;
    const isOwn = kind !== 'child-process' && containerId !== null;
    if (isOwn) ownKills.set(bareContainerId(containerId), { atMs: finishedAtMs });
    const fingerprint = (isOwn ? children.own(containerId, finishedAtMs) : null) ?? made.fingerprint;
    return { is: 'kill', kill: { ...made, fingerprint }, problems: exit.pod.problems };
  }

  function ignore(exit: Exit, origin: KillOrigin, reason: IgnoredReason): Detection {
    const wasSuspect = suspicions.delete(origin.fingerprint);
    // A mark says all that a status can say; only without one it may still come.
    decided.set(origin.fingerprint, exit.termination.reason === 'OOMKilled' ? 'final' : 'ignored');
    const ignored = containerKill(origin, exit, { kind: 'container', suspect: false });
    return { is: 'ignored', reason, kill: ignored, wasSuspect };
  }

  function originOf(fingerprint: string, { atMs, initial = false }: Sighting): KillOrigin {
    return { cluster, fingerprint, startedBeforeWatch: initial, seenAtMs: atMs };
  }

  return {
    pod: (type, object, sighting) => {
      const over = tick(sighting.atMs);
      return holdsObject(type) ? [...over, ...seePod(object, sighting)] : over;
    },
    event: (type, object, sighting, podOf = () => null) => {
      const report = holdsObject(type) ? readOomReport(object) : null;
      if (report !== null) return [...tick(sighting.atMs), ...seeReport(report, sighting, podOf)];
      const found = holdsObject(type) ? seeEvent(object) : [];
      return [...found, ...tick(sighting.atMs)];
    },
    count: (count, pod) => [...tick(count.atMs), ...seeCount(count, pod)],
    tick,
    flush: (endMs = Number.POSITIVE_INFINITY) => [
      ...tick(endMs),
      ...[...children.flush(endMs), ...nodes.tick(Number.POSITIVE_INFINITY)].map(asKill),
      ...suspicions.tick(Number.POSITIVE_INFINITY),
    ],
    oldestPending: suspicions.oldestPending,
  };
}

function asKill(kill: Kill): Detection {
  return { is: 'kill', kill, problems: [] };
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
