import { eventCount, eventTimeMs } from './event-time.ts';
import type { IgnoredReason } from '../ignored-reason.ts';
import { record, text } from '../json-read.ts';
import { ownCopy } from '../../own-copy.ts';

/**
 * Something in a Kubernetes Event that ends a container, or may: an order to stop it, or one failed liveness probe
 * (`decisive: false`, enough of them end it). `container` is null when it concerns the whole pod. `atMs` is ms UTC
 * in whole seconds, as `startedAt` and `finishedAt` are, so that the three can be compared.
 */
export interface StopOrder {
  readonly podUid: string;
  readonly container: string | null;
  readonly atMs: number;
  readonly reason: IgnoredReason;
  readonly decisive: boolean;
  /** Events are counted up: how often it was ordered since `sinceMs`, `atMs` being the last time. */
  readonly count: number;
  readonly sinceMs: number;
}

/** Events about a whole pod, by their reason. */
const POD_EVENTS = new Map<string, IgnoredReason>([
  ['Evicted', 'evicted'],
  ['Preempted', 'preempted'],
  ['Preempting', 'preempted'],
  ['TaintManagerEviction', 'drained'],
  ['NodeShutdown', 'node-shutdown'],
  ['DeadlineExceeded', 'deadline'],
]);

/** Reasons of the Events that `readStopOrder` reads. */
export const stopOrderReasons: readonly string[] = ['Killing', 'Unhealthy', ...POD_EVENTS.keys()];

/** The taint was removed in time: `Cancelling deletion of Pod shop/web-1`, under the same reason. */
const CALLED_OFF = /^Cancelling deletion/;

/** What client-go puts before the last message when it saw too many alike (tools/record/events_cache.go). */
const COMBINED = /^\(combined from similar events\): /;

/** The kubelet's words in a `Killing` event (pkg/kubelet/kuberuntime); what matches none is "Stopping container x". */
const KILLING_WORDS: readonly (readonly [RegExp, IgnoredReason])[] = [
  [/failed liveness probe/, 'liveness-probe'],
  [/failed startup probe/, 'startup-probe'],
  [/resize requires restart/, 'resize-restart'],
  [/definition changed/, 'definition-changed'],
  [/preempt/i, 'preempted'],
];

/** A probe that `errored` could not be run; the kubelet ignores it. */
const FAILED_PROBE = /^(Liveness|Startup) probe failed/;
const FIELD_PATH = /^spec\.(?:initContainers|containers|ephemeralContainers)\{(.+)\}$/;

/** Characters: of a namespace and a name with a slash between, and of a container's name, which has 63 at most. */
const longestId = 320;
const longestName = 64;
const CONTAINER_IN_MESSAGE = /\b[Cc]ontainer (\S+?),?(?:\s|$)/;

/** Reads an Event of either API group (`v1`, `events.k8s.io/v1`); null when it stops no container. Never throws. */
export function readStopOrder(event: unknown): StopOrder | null {
  const fields = record(event);
  const about = record(fields['involvedObject'] ?? fields['regarding']);
  const atMs = eventTimeMs(fields);
  const kind = text(about['kind']);
  const name = text(about['name']);
  if (atMs === null || name === null || (kind !== null && kind !== 'Pod')) return null;

  const podUid = text(about['uid']) ?? `${text(about['namespace']) ?? ''}/${name}`;
  if (podUid.length > longestId) return null;
  const message = (text(fields['message']) ?? text(fields['note']) ?? '').replace(COMBINED, '');
  const eventReason = text(fields['reason']) ?? '';
  const container = nameIn(FIELD_PATH.exec(text(about['fieldPath']) ?? ''));
  const { count, firstMs } = eventCount(fields);
  const times = { atMs: wholeSecond(atMs), sinceMs: wholeSecond(firstMs ?? atMs), count };
  const order = { podUid, ...times, decisive: true };

  const podReason = POD_EVENTS.get(eventReason);
  if (podReason !== undefined && CALLED_OFF.test(message)) return null;
  if (podReason !== undefined) return { ...order, container: null, reason: podReason };
  if (eventReason === 'Killing') {
    const reason = KILLING_WORDS.find(([words]) => words.test(message))?.[1] ?? 'graceful-stop';
    return { ...order, container: container ?? nameIn(CONTAINER_IN_MESSAGE.exec(message)) ?? null, reason };
  }
  const probe = eventReason === 'Unhealthy' ? FAILED_PROBE.exec(message)?.[1] : undefined;
  if (probe === undefined || container === undefined) return null;
  return { ...order, container, reason: probe === 'Startup' ? 'startup-probe' : 'liveness-probe', decisive: false };
}

/** What is caught of an Event is kept for a while, and a part of its message would keep all of that. */
function nameIn(found: RegExpExecArray | null): string | undefined {
  return found?.[1] === undefined ? undefined : ownCopy(found[1].slice(0, longestName));
}

function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
