import type { LogFacts } from '../../../core/evidence/evidence.ts';
import { Failure } from '../../../core/failure.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import { readTermination } from '../../../core/kill/termination.ts';
import type { Trigger } from '../../../core/kill/trigger.ts';
import { redactLines } from '../../../core/redact/redact.ts';
import { containerStatus } from './container-status.ts';
import type { Transport } from '../transport/transport.ts';
import { failureOf } from '../transport/transport.ts';
import { bounded } from '../../../core/units/text-bounds.ts';

const tailLines = 50;
const limitBytes = 64 * 1024;

/**
 * The last lines of the killed run. Which request returns them depends on the phase: after the restart it is
 * `previous`; in the terminated phase of the back-off it is the log *without* previous, because the older container is
 * removed by then and `previous` answers 200 with a sentence of the kubelet. `pod` is the pod as it is now, null if it
 * is gone. What looks like a secret is not in them. Throws Failures.
 */
export async function readLog(
  transport: Transport,
  kill: Trigger,
  pod: JsonRecord | null,
  deadlineMs: number,
): Promise<LogFacts> {
  for (const previous of logWays(kill, pod)) {
    const lines = await read(transport, kill, previous, deadlineMs);
    if (lines?.length === 0) throw new Failure('no-log', 'the killed run wrote nothing to its log');
    if (lines) return { lines };
  }
  throw new Failure('no-log', 'the node has kept no log of the killed run');
}

/** Whether to ask for the previous log, in the order in which to try. @throws Failure `no-log` if there can be none */
export function logWays(kill: Trigger, pod: JsonRecord | null): readonly boolean[] {
  if (kill.subject.container === null) throw new Failure('no-log', 'no single container was killed');
  if (pod === null) throw new Failure('no-log', 'the pod is gone, and its log with it');
  // A warning is about a running container, so its log is the present one.
  if (kill.kind === 'ahead') return [false];
  const { state, lastState } = containerStatus(pod, kill.subject.container) ?? {};
  const isKill = (end: unknown): boolean =>
    kill.containerId !== null && readTermination(end)?.containerId === kill.containerId;
  // A running container is not the killed run, so its log says nothing about the kill.
  const stopped = readTermination(state) !== null;
  return isKill(state) ? [false, true] : isKill(lastState) || !stopped ? [true] : [true, false];
}

/** Path of the log of the killed container; `previous` = of the run before this one. */
export function logPath(kill: Trigger, previous: boolean, options: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams({
    container: kill.subject.container ?? '',
    ...options,
    ...(previous ? { previous: 'true' } : {}),
  });
  return `/api/v1/namespaces/${encodeURIComponent(kill.subject.namespace ?? 'default')}/pods/${encodeURIComponent(kill.pod)}/log?${query.toString()}`;
}

/** What the kubelet answers, with status 200, if it has removed the container. */
export const noLogWords = 'unable to retrieve container logs for ';

/** Null where the API server has no such log. */
async function read(
  transport: Transport,
  kill: Trigger,
  previous: boolean,
  deadlineMs: number,
): Promise<readonly string[] | null> {
  const path = logPath(kill, previous, { tailLines: String(tailLines), limitBytes: String(limitBytes) });
  const call = { path, accept: '*/*', deadlineMs, mostBytes: 2 * limitBytes };
  const { status, body } = await transport.send(call);
  if (status === 204 || status === 400) return null;
  if (status !== 200) throw failureOf(status, body, call);
  if (body.startsWith(noLogWords)) return null;
  const lines = body.split('\n').filter((line) => line.trim() !== '');
  return redactLines(lines)
    .slice(-tailLines)
    .map((line) => bounded(line, 'logLine'));
}
