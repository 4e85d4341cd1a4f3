import { findRun } from '../container-run.ts';
import { evictionFingerprint } from '../fingerprint.ts';
import type { Kill } from '../kill.ts';
import { evictionKill } from './make-kill.ts';
import { readPod } from '../pod.ts';
import type { PodView } from '../pod.ts';
import { createRecent } from '../../units/recent.ts';
import type { Detection, Sighting } from './detection.ts';
import { isOldNews } from './detection.ts';
import { evictedAt, readEviction } from './eviction.ts';
import { createExits } from './exits.ts';
import type { Exits } from './exits.ts';
import { createKernelMessages } from './kernel-messages.ts';
import { createNodeKills } from './node-kills.ts';
import { readOomReport } from './oom-report.ts';
import type { OomReport } from './oom-report.ts';
import { createPodLimitKills } from './pod-limit-kills.ts';
import { readStopOrder } from './stop-order.ts';

/*
 * Pods and Events go in, each kill comes out once:
 *
 *   a pod      shows ends of containers (exits.ts), or was evicted
 *   an Event   says that a container was stopped on purpose, which explains an end (exits.ts),
 *              or repeats the kernel's words about a process in a container (kernel-messages.ts) or a node (node-kills.ts)
 *
 * The clock is the `atMs` of what comes in; it never goes back. Memory is bounded by `maxKnown`, not by pods.
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
  /** Time has passed: pending exits whose window is over become suspects. */
  readonly tick: (nowMs: number) => readonly Detection[];
  /** The input ends at `endMs` (ms UTC): all pending exits become suspects. */
  readonly flush: (endMs?: number) => readonly Detection[];
  /** The oldest line that is still undecided: the resume point must not move past it. */
  readonly oldestPending: Exits['oldestPending'];
}

export interface DetectorOptions {
  readonly cluster: string;
  /** How long to wait for an Event that explains an exit. The longest recorded gap is 2.2 s. */
  readonly windowMs?: number;
  /** Also treat exits 1 and 2 as suspects; the caller knows which workloads have an incident. */
  readonly weakExits?: boolean;
  readonly maxKnown?: number;
}

/** How long the status of a killed container may take. Recorded: 58 to 1118 ms; a busy node may take longer. */
const statusMs = 5_000;

export function createDetector(options: DetectorOptions): Detector {
  const { cluster, windowMs = 10_000, weakExits = false, maxKnown = 20_000 } = options;
  const messageWindow = { cluster, windowMs: Math.min(windowMs, statusMs) };
  const podLimitKills = createPodLimitKills();
  const messages = createKernelMessages({ ...messageWindow, maxRuns: maxKnown });
  const nodes = createNodeKills({ ...messageWindow, max: Math.ceil(maxKnown / 10) });
  const exits = createExits({ cluster, windowMs, weakExits, maxKnown, podLimitKills, messages });
  const evicted = createRecent<true>(maxKnown);

  function seePod(object: unknown, sighting: Sighting): readonly Detection[] {
    const pod = readPod(object);
    return pod === null ? [] : [...noted(exits.see(pod, sighting)), ...seeEviction(pod, sighting)];
  }

  function seeEviction(pod: PodView, sighting: Sighting): readonly Detection[] {
    const reading = readEviction(pod);
    const fingerprint = evictionFingerprint(cluster, pod.uid);
    if (reading.is === 'nothing' || evicted.get(fingerprint) !== undefined) return [];
    const at = evictedAt(pod);
    if (isOldNews(at === null ? null : Date.parse(at), sighting)) return [];
    evicted.set(fingerprint, true);
    const { atMs, initial = false } = sighting;
    const kill = evictionKill({ cluster, fingerprint, startedBeforeWatch: initial, seenAtMs: atMs }, pod);
    return reading.is === 'kill'
      ? [{ is: 'kill', kill, problems: pod.problems }]
      : [{ is: 'ignored', reason: reading.reason, kill }];
  }

  function seeOrder(object: unknown): readonly Detection[] {
    const order = readStopOrder(object);
    return order === null ? [] : exits.explainBy(order);
  }

  function seeReport(report: OomReport, sighting: Sighting, podOf: (uid: string) => unknown): readonly Detection[] {
    if (isOldNews(report.atMs, sighting)) return [];
    const { place, scope, isAbovePods } = report;
    const pod = place === null ? null : readPod(podOf(place.podUid));
    const run = pod === null || place === null ? null : findRun(pod, place.containerId);
    if (isAbovePods) podLimitKills.addNode(report);
    const isOfContainer = run !== null && scope === 'cgroup';
    const isNews = isOfContainer && messages.add(report, run, sighting);
    const ofNode = isOfContainer && !isAbovePods ? null : nodes.report(report, pod, sighting);
    return [...(isNews ? noted(exits.hit(run)) : []), ...(ofNode === null ? [] : [asKill(ofNode)])];
  }

  /** A node's message that names no container may be about one of these kills. */
  function noted(found: readonly Detection[]): readonly Detection[] {
    for (const one of found) if (one.is === 'kill') nodes.seen(one.kill);
    return found;
  }

  function tick(nowMs: number): readonly Detection[] {
    return [...exits.tick(nowMs), ...[...messages.tick(nowMs), ...nodes.tick(nowMs)].map(asKill)];
  }

  return {
    pod: (type, object, sighting) => [...tick(sighting.atMs), ...(holdsObject(type) ? seePod(object, sighting) : [])],
    event: (type, object, sighting, podOf = () => null) => {
      const report = holdsObject(type) ? readOomReport(object) : null;
      if (report !== null) return [...tick(sighting.atMs), ...seeReport(report, sighting, podOf)];
      // An exit that a stop explains is no suspect, however late the explanation comes.
      const found = holdsObject(type) ? seeOrder(object) : [];
      return [...found, ...tick(sighting.atMs)];
    },
    tick,
    flush: (endMs = Number.POSITIVE_INFINITY) => [
      ...tick(endMs),
      ...[...messages.flush(endMs), ...nodes.tick(Number.POSITIVE_INFINITY)].map(asKill),
      ...exits.tick(Number.POSITIVE_INFINITY),
    ],
    oldestPending: exits.oldestPending,
  };
}

function asKill(kill: Kill): Detection {
  return { is: 'kill', kill, problems: [] };
}

/** BOOKMARK and ERROR lines carry no pod or Event. */
function holdsObject(type: string): boolean {
  return type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED';
}
