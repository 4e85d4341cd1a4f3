import { record, text, timeMs, whole } from './json-read.ts';

/** One `terminated` state as the kubelet reported it. Times are RFC 3339 and ms UTC; the API writes whole seconds. */
export interface Termination {
  readonly containerId: string | null;
  readonly exitCode: number;
  readonly reason: string | null;
  readonly message: string | null;
  readonly startedAt: string | null;
  readonly startedAtMs: number | null;
  readonly finishedAt: string | null;
  readonly finishedAtMs: number | null;
}

/** runc: `container init was OOM-killed (memory limit too low?)`; crun: `OOM: the memory limit could be too low`. */
const KILLED_AT_START = /OOM-killed|memory limit (?:could be )?too low/i;

export function isKilledAtStart(message: string | null): boolean {
  return message !== null && KILLED_AT_START.test(message);
}

/** Reads `state` or `lastState`; null when it is not `terminated` or has no exit code. */
export function readTermination(state: unknown): Termination | null {
  return readTerminated(state) ?? readKilledCreation(state);
}

/**
 * CRI-O starts the process while it creates the container. If that is killed, the kubelet waits for a container that
 * never existed: no id, no times, no code. Other runtimes report 128.
 */
function readKilledCreation(state: unknown): Termination | null {
  const waiting = record(record(state)['waiting']);
  const [reason, message] = [text(waiting['reason']), text(waiting['message'])];
  if (reason !== 'CreateContainerError' || !isKilledAtStart(message)) return null;
  const times = { startedAt: null, startedAtMs: null, finishedAt: null, finishedAtMs: null };
  return { containerId: null, exitCode: 128, reason, message, ...times };
}

function readTerminated(state: unknown): Termination | null {
  const { containerID, exitCode, reason, message, startedAt, finishedAt } = record(record(state)['terminated']);
  const code = whole(exitCode);
  if (code === null) return null;
  const startedAtMs = realTimeMs(startedAt);
  const finishedAtMs = realTimeMs(finishedAt);
  return {
    containerId: text(containerID),
    exitCode: code,
    reason: text(reason),
    message: text(message),
    startedAt: startedAtMs === null ? null : text(startedAt),
    startedAtMs,
    finishedAt: finishedAtMs === null ? null : text(finishedAt),
    finishedAtMs,
  };
}

/** NOTE: a container that never started has `startedAt: 1970-01-01T00:00:00Z`; that is no time. */
function realTimeMs(value: unknown): number | null {
  const ms = timeMs(value);
  return ms === null || ms <= 0 ? null : ms;
}
