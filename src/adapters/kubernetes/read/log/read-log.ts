import type { LogFacts } from '../../../../core/evidence/evidence.ts';
import { Failure } from '../../../../core/failure.ts';
import { bareContainerId, bareOrNull } from '../../../../core/kill/cgroup.ts';
import { linesAboutChild } from '../../../../core/kill/child-words.ts';
import { record, text } from '../../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../../core/kill/json-read.ts';
import { endsRun } from '../../../../core/kill/kill.ts';
import { readTermination } from '../../../../core/kill/termination.ts';
import type { Trigger } from '../../../../core/kill/trigger.ts';
import { redactLines } from '../../../../core/redact/redact.ts';
import { containerStatus } from '../container-status.ts';
import { readLogEnd } from './log-end.ts';
import type { Transport } from '../../transport/transport.ts';
import { failureOf } from '../../transport/transport.ts';
import { bounded } from '../../../../core/units/text-bounds.ts';

const tailLines = 50;
const usualTail = { tailLines, keepBytes: 64 * 1024 };
/**
 * A kill of a process is seen when its counter has been scraped and read twice, up to two minutes later (recorded: 30 to
 * 48 s, and a round of 30 s): what its supervisor said of it is no longer at the end.
 */
const childTail = { tailLines: 500, keepBytes: 256 * 1024 };

/**
 * The last lines of the killed run, or those about the killed process of a run that goes on. `pod` is the pod as it was
 * read, null if it is gone; `podNow` reads it anew. What looks like a secret is not in them. Throws Failures.
 */
export async function readLog(
  transport: Transport,
  kill: Trigger,
  pods: KilledPod,
  deadlineMs: number,
): Promise<LogFacts> {
  const lines = await inLogOf(kill, pods, (previous) => read(transport, kill, previous, deadlineMs));
  if (lines.length === 0) throw new Failure('no-log', 'the killed run wrote nothing to its log');
  return { lines };
}

export interface KilledPod {
  /** As it was read; null if it is gone. */
  readonly pod: JsonRecord | null;
  readonly podNow: () => Promise<JsonRecord | null>;
}

/**
 * What `read` finds in the log of the killed run, and in no other's; it returns null where there is no such log. Which
 * request returns it depends on the phase: after the restart it is `previous`; in the terminated phase of the back-off it
 * is the log *without* previous, because the older container is removed by then and `previous` answers 200 with a
 * sentence of the kubelet; so it is while the run goes on after a kill of one of its processes. A container may be
 * restarted between two requests, so the pod is looked at again after the log without previous.
 * @throws Failure `no-log` if there is none
 */
export async function inLogOf<T>(
  kill: Trigger,
  { pod, podNow }: KilledPod,
  readWay: (previous: boolean) => Promise<T | null>,
): Promise<T> {
  for (const previous of logWays(kill, pod)) {
    const found = await readWay(previous);
    if (found === null) continue;
    const now = previous ? null : await podNow();
    const place = now === null ? 'unknown' : placeOf(kill, now);
    if (place !== 'before' && place !== 'gone') return found;
    const ofKilled = place === 'before' ? await readWay(true) : null;
    if (ofKilled !== null) return ofKilled;
    break;
  }
  throw new Failure('no-log', 'the node has kept no log of the killed run');
}

/** Whether to ask for the previous log, in the order in which to try. @throws Failure `no-log` if there can be none */
function logWays(kill: Trigger, pod: JsonRecord | null): readonly boolean[] {
  if (kill.subject.container === null) throw new Failure('no-log', 'no single container was killed');
  if (pod === null) throw new Failure('no-log', 'the pod is gone, and its log with it');
  // A warning is about a running container, so its log is the present one.
  if (kill.kind === 'ahead') return [false];
  switch (placeOf(kill, pod)) {
    case 'ended':
      // In between it may have been restarted.
      return [false, true];
    case 'running':
      return [false];
    case 'before':
      return [true];
    case 'gone':
      return [];
    case 'unknown':
      if (!endsRun(kill)) return [false];
      // A running container is not the killed run, so its log says nothing about the kill.
      return readTermination(containerStatus(pod, kill.subject.container)?.['state']) === null ? [true] : [true, false];
  }
}

/** What became of the run of a kill: it is the present one and has ended or runs, or the one before, or an older one. */
function placeOf(kill: Trigger, pod: JsonRecord): 'ended' | 'running' | 'before' | 'gone' | 'unknown' {
  const status = containerStatus(pod, kill.subject.container ?? '');
  if (status === null || kill.containerId === null) return 'unknown';
  const of = bareContainerId(kill.containerId);
  const ended = readTermination(status['state']);
  if (bareOrNull(readTermination(status['lastState'])?.containerId ?? null) === of) return 'before';
  if (bareOrNull(ended?.containerId ?? null) === of) return 'ended';
  const present = bareOrNull(text(status['containerID']));
  if (present === null) return 'unknown';
  return present !== of ? 'gone' : record(status['state'])['running'] === undefined ? 'ended' : 'running';
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
  const most = endsRun(kill) ? usualTail : childTail;
  const path = logPath(kill, previous, { tailLines: String(most.tailLines) });
  const slow = `the log did not arrive within ${deadlineMs / 1000} s`;
  const { status, body, bytes } = await readLogEnd(transport, path, { keepBytes: most.keepBytes, deadlineMs, slow });
  if (status === 204 || status === 400) return null;
  if (status !== 200) throw failureOf(status, body, { path });
  if (body.startsWith(noLogWords)) return null;
  const all = body.split('\n');
  // Of a log that was cut the first line may be a part of one, unless it is all that there is.
  const lines = (bytes > most.keepBytes && all.length > 2 ? all.slice(1) : all).filter((line) => line.trim() !== '');
  const redacted = redactLines(lines);
  const kept = endsRun(kill) ? redacted.slice(-tailLines) : linesAboutChild(redacted, tailLines);
  return kept.map((line) => bounded(line, 'logLine'));
}
