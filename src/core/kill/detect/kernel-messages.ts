import type { ContainerRun } from '../container-run.ts';
import { processFingerprint } from '../fingerprint.ts';
import type { Kill } from '../kill.ts';
import { killedAtMs } from '../kill.ts';
import { childKill } from './make-kill.ts';
import { createRecent } from '../../units/recent.ts';
import type { Sighting } from './detection.ts';
import type { OomReport } from './oom-report.ts';

/**
 * The kernel's messages about processes in containers. Each waits for the container's status, which may say that the
 * container itself was killed. If it does not say so in time, only a process was killed and the container kept running.
 * Memory is bounded by `maxRuns`.
 */
export interface KernelMessages {
  /** False for a message that was seen before: Events are listed again and again. */
  readonly add: (report: OomReport, run: ContainerRun, sighting: Sighting) => boolean;
  /** Whether a message about this run is waiting, or has reported a kill at the moment it ended (ms UTC). */
  readonly isHit: (containerId: string, endedAtMs: number | null) => boolean;
  /**
   * A kill of the container itself ended this run (ms UTC). Returns the kill that was already reported as that of a
   * process, because the status came too late.
   */
  readonly ended: (containerId: string, endedAtMs: number | null) => Kill | null;
  /** Kills of single processes, for which no status came in time. */
  readonly tick: (nowMs: number) => readonly Kill[];
  /** The input ends at `endMs`. A message that is still waiting becomes a suspect. */
  readonly flush: (endMs: number) => readonly Kill[];
}

export interface KernelMessagesOptions {
  readonly cluster: string;
  /** How long the status that shows the container's own kill may take. */
  readonly windowMs: number;
  readonly maxRuns: number;
}

interface Message {
  readonly report: OomReport;
  readonly run: ContainerRun;
  readonly sighting: Sighting;
}

const mostReported = 20;

/**
 * A status has whole seconds and the kernel kills a moment before it: a message this close to the container's own kill
 * is about that kill.
 */
const ownKillMs = 2_000;

export function createKernelMessages({ cluster, windowMs, maxRuns }: KernelMessagesOptions): KernelMessages {
  let waiting: readonly Message[] = [];
  /** By run, newest last. Far fewer runs have such kills than are ended by one. */
  const reported = createRecent<readonly Kill[]>(Math.ceil(maxRuns / 10));
  /** When the container itself was killed, ms UTC, where the status says it. */
  const ends = createRecent<{ readonly atMs: number | null }>(maxRuns);

  function kill({ report: { victim, atMs }, run, sighting }: Message): Kill {
    return childKill(run, {
      cluster,
      fingerprint: processFingerprint(cluster, run.containerId, { pid: victim.pid, atMs }),
      startedBeforeWatch: sighting.initial === true,
      seenAtMs: sighting.atMs,
      victim,
      killedAtMs: atMs,
    });
  }

  function reportedAtEnd(containerId: string, endedAtMs: number | null): Kill | undefined {
    const isNear = (one: Kill): boolean => endedAtMs !== null && Math.abs(killedAtMs(one) - endedAtMs) <= ownKillMs;
    return reported.get(containerId)?.findLast(isNear);
  }

  function tick(nowMs: number): readonly Kill[] {
    if (waiting.length === 0) return [];
    const [ripe, unripe] = split(waiting, ({ run, sighting }, index) => {
      const isOver = nowMs - sighting.atMs >= windowMs || index < waiting.length - maxRuns;
      return isOver || ends.get(run.containerId) !== undefined;
    });
    waiting = unripe;
    return [...Map.groupBy(ripe, ({ run }) => run.containerId)].flatMap(([containerId, messages]) => {
      const found = notOwn(messages, ends.get(containerId)).map(kill);
      reported.set(containerId, [...(reported.get(containerId) ?? []), ...found].slice(-mostReported));
      return found;
    });
  }

  return {
    add: (report, run, sighting) => {
      const message = { report, run, sighting };
      const { fingerprint } = kill(message);
      const waitingInRun = waiting.filter((one) => one.run.containerId === run.containerId).map(kill);
      const known = [...(reported.get(run.containerId) ?? []), ...waitingInRun];
      const isNew = known.every((one) => one.fingerprint !== fingerprint);
      if (isNew) waiting = [...waiting, message];
      return isNew;
    },
    isHit: (containerId, endedAtMs) =>
      waiting.some(({ run }) => run.containerId === containerId) || reportedAtEnd(containerId, endedAtMs) !== undefined,
    ended: (containerId, endedAtMs) => {
      ends.set(containerId, { atMs: endedAtMs });
      return reportedAtEnd(containerId, endedAtMs) ?? null;
    },
    tick,
    flush: (endMs) => [...tick(endMs), ...waiting.map((message) => ({ ...kill(message), suspect: true }))],
  };
}

/**
 * The messages that the container's own kill does not explain. Its own messages are those close to it, or else the last
 * one before it.
 */
function notOwn(messages: readonly Message[], end: { readonly atMs: number | null } | undefined): readonly Message[] {
  if (end === undefined) return messages;
  const { atMs } = end;
  if (atMs === null) return [];
  const earlier = messages.filter(({ report }) => report.atMs < atMs - ownKillMs);
  return earlier.length < messages.length ? earlier : messages.slice(0, -1);
}

function split<T>(
  all: readonly T[],
  isFirst: (one: T, index: number) => boolean,
): readonly [readonly T[], readonly T[]] {
  return [all.filter(isFirst), all.filter((one, index) => !isFirst(one, index))];
}
