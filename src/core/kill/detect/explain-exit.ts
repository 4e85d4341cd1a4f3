import type { IgnoredReason } from '../ignored-reason.ts';
import type { ContainerView, PodView } from '../pod.ts';
import type { StopOrder } from './stop-order.ts';
import type { Termination } from '../termination.ts';
import { minuteMs } from '../../units/duration.ts';

/*
 * Exit 137 says that a SIGKILL was sent, not that the kernel sent it for memory. Every other sender leaves a trace: in
 * the pod's status (eviction, shutdown, deadline), in its metadata (deletion), in an Event (probes, a graceful stop
 * that ran out of time), or in the states of the other containers. Without a trace the exit stays unexplained, which is
 * not the same as a memory kill.
 */

export interface Exit {
  readonly pod: PodView;
  readonly container: ContainerView;
  readonly termination: Termination;
  /** Seen before the pod was being deleted, so a later deletion does not explain it. */
  readonly beforeDeletion: boolean;
}

export interface Explanation {
  readonly reason: IgnoredReason;
  /** The stop orders that explain it. */
  readonly orders: readonly StopOrder[];
}

/** `status.reason` of a pod that the kubelet ended as a whole (pkg/kubelet: eviction, nodeshutdown, preemption). */
const POD_ENDS = new Map<string, IgnoredReason>([
  ['Evicted', 'evicted'],
  ['Terminated', 'node-shutdown'],
  ['NodeShutdown', 'node-shutdown'],
  ['Shutdown', 'node-shutdown'],
  ['Preempting', 'preempted'],
  ['DeadlineExceeded', 'deadline'],
]);

/** Reason of the condition DisruptionTarget (KEP-3329). */
const DISRUPTIONS = new Map<string, IgnoredReason>([
  ['EvictionByEvictionAPI', 'drained'],
  ['DeletionByTaintManager', 'drained'],
  ['PreemptionByScheduler', 'preempted'],
  ['DeletionByPodGC', 'deleted'],
]);

const SIGKILL = 137;

/** A runtime that is short of memory also fails its probes; any exit other than a SIGKILL was its own. */
const PROBES = ['startup-probe', 'liveness-probe'] as const satisfies readonly IgnoredReason[];
/** `failureThreshold` where a probe does not say. */
const USUAL_THRESHOLD = 3;

/** How much longer than the grace period a node may take to end a container, normally and when busy. */
const USUALLY_LATE_MS = 10_000;
const LATE_MS = minuteMs;

/** Allowed clock difference: the API server dates a deletion, the node dates the termination. */
const CLOCK_SKEW_MS = 2_000;

/**
 * Who sent the SIGKILL if it was not the kernel, or null. `orders` are the stop orders for this container or its whole
 * pod.
 */
export function explainExit(exit: Exit, orders: readonly StopOrder[]): Explanation | null {
  const ended = endOfPod(exit) ?? deletionReason(exit);
  if (ended !== null) return { reason: ended, orders: [] };

  const maySay = orders.filter((order) => exit.termination.exitCode === SIGKILL || !isProbe(order));
  const decisive = ordersFulfilled(exit, maySay);
  // A failed probe explains more than the "Stopping container" that may accompany it.
  const best = decisive.find((order) => order.reason !== 'graceful-stop') ?? decisive.at(-1);
  if (best !== undefined) return { reason: best.reason, orders: decisive };

  for (const reason of PROBES) {
    const failures = maySay.filter(
      (order) => !order.decisive && order.reason === reason && isDuring(order.atMs, exit.termination),
    );
    const counts = failures.filter(({ sinceMs }) => isDuring(sinceMs, exit.termination)).map(({ count }) => count);
    const threshold = exit.container.probeThresholds[reason] ?? USUAL_THRESHOLD;
    const isEnough = Math.max(failures.length, ...counts) >= threshold;
    // Probes also fail when memory is short, so the time must match the kubelet's SIGKILL as well.
    const isDue = failures.some((order) => isGraceOver(order, exit) && isInTime(order, exit, USUALLY_LATE_MS));
    if (isEnough && isDue) return { reason, orders: failures };
  }
  return isSidecarStop(exit) ? { reason: 'graceful-stop', orders: [] } : null;
}

/** Orders that are fulfilled by the end of this run, however it ended; they do not apply to the next run. */
export function ordersFulfilled(exit: Exit, orders: readonly StopOrder[]): readonly StopOrder[] {
  return orders.filter((order) => order.decisive && isDuring(order.atMs, exit.termination) && isInTime(order, exit));
}

/**
 * Whether it ended just as the grace period of a stop ran out, that is by the kubelet's SIGKILL. `OOMKilled` is then
 * left over from a process that was killed earlier. With a grace period of one second the two cannot be told apart.
 */
export function outlivedGrace(exit: Exit, orders: readonly StopOrder[]): boolean {
  const { pod, termination, beforeDeletion } = exit;
  const { finishedAtMs } = termination;
  if (finishedAtMs === null) return false;
  const deletion = beforeDeletion ? null : pod.deletion;
  const isDeletionDue = deletion !== null && deletion.graceSeconds >= 2 && finishedAtMs >= deletion.dueAtMs;
  const isStopDue = (order: StopOrder): boolean => graceOf(order, exit) >= 2 && isGraceOver(order, exit);
  const stops = ordersFulfilled(exit, orders).filter((order) => order.container !== null);
  return isDeletionDue || stops.some(isStopDue);
}

function isProbe({ reason }: StopOrder): boolean {
  return PROBES.some((probe) => probe === reason);
}

function graceOf({ reason }: StopOrder, { pod, container }: Exit): number {
  return container.probeGraceSeconds[reason] ?? pod.graceSeconds;
}

function isGraceOver(order: StopOrder, exit: Exit): boolean {
  const { finishedAtMs } = exit.termination;
  return finishedAtMs === null || finishedAtMs >= order.atMs + 1000 * graceOf(order, exit);
}

/**
 * Whether an order of the kubelet can have ended the run this late. An order may carry the second in which the next run
 * began, and a probe may fail without ending the run. An order for a whole pod may have to wait for its node.
 */
function isInTime(order: StopOrder, exit: Exit, lateMs = LATE_MS): boolean {
  const { finishedAtMs } = exit.termination;
  if (order.container === null || finishedAtMs === null) return true;
  return finishedAtMs <= order.atMs + 1000 * graceOf(order, exit) + lateMs;
}

function endOfPod(exit: Exit): IgnoredReason | null {
  const { statusReason } = exit.pod;
  return statusReason === null || !isLastRun(exit) ? null : (POD_ENDS.get(statusReason) ?? null);
}

/** The end of a pod stops its last run only; it does not explain how earlier runs ended. */
function isLastRun({ container, termination }: Exit): boolean {
  return container.stopped && container.terminations.at(-1) === termination;
}

function deletionReason({ pod, termination, beforeDeletion }: Exit): IgnoredReason | null {
  if (pod.deletion === null || beforeDeletion) return null;
  const { dueAtMs, graceSeconds } = pod.deletion;
  // NOTE: the kubelet's final DELETE sets the grace period to 0, which also changes the time of the request.
  const requestedAtMs = dueAtMs - 1000 * (graceSeconds === 0 ? pod.graceSeconds : graceSeconds);
  if (termination.finishedAtMs !== null && termination.finishedAtMs < requestedAtMs - CLOCK_SKEW_MS) return null;
  return (pod.disruption === null ? undefined : DISRUPTIONS.get(pod.disruption)) ?? 'deleted';
}

/** All three times are whole seconds, so the order may share the second of the start or of the end. */
function isDuring(atMs: number, { startedAtMs, finishedAtMs }: Termination): boolean {
  return (startedAtMs === null || atMs >= startedAtMs) && (finishedAtMs === null || atMs <= finishedAtMs);
}

/** When the main containers of a Job's pod have ended for good, the kubelet stops the sidecars. */
function isSidecarStop(exit: Exit): boolean {
  const { pod, container, termination } = exit;
  if (container.type !== 'sidecar' || !isLastRun(exit)) return false;
  const main = pod.containers.filter((candidate) => candidate.type === 'container');
  const mainEnds = main.map(({ terminations }) => terminations.at(-1)?.finishedAtMs ?? Number.NEGATIVE_INFINITY);
  if ((termination.finishedAtMs ?? Infinity) < Math.max(...mainEnds)) return false;
  if (pod.phase === 'Succeeded' || pod.phase === 'Failed') return true;
  return main.length > 0 && main.every((candidate) => hasEndedForGood(pod, candidate));
}

function hasEndedForGood(pod: PodView, container: ContainerView): boolean {
  if (!container.stopped || pod.restartPolicy === 'Always') return false;
  return pod.restartPolicy === 'Never' || container.terminations.at(-1)?.exitCode === 0;
}
