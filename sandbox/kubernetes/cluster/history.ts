import { addCgroupRows, addStateRow, cadvisorLabels, endCgroupRows, idleBytes, stallAfter } from './rows.ts';
import type { SampleStore } from './samples.ts';
import { wholeSeconds, type ContainerRun, type Life, type PodRun } from '../kubelet/run.ts';
import { memoryLimit, podResources } from '../kubelet/spec.ts';
import { crossingAt, demandAt, type MemoryProgram } from '../kubelet/program.ts';

/** Lives that lie before the scenario's start. They ran in real time, whatever the clock's speed is now. */
export interface Past {
  /** Killed lives before the one in course. */
  readonly lives: number;
  /** The life in course is killed so many virtual ms after the start. */
  readonly remainingMs: number;
  /** How old the life in course is where nothing would kill it; real ms. */
  readonly ageMs?: number;
  /** What decides the lengths of lives, where that is not simply the first revision's program. */
  readonly program?: MemoryProgram;
}

const rowEveryMs = 15_000;
const downMs = 900;

export interface Adoption {
  /** Real ms UTC. */
  readonly now: number;
  readonly samples: SampleStore;
  readonly newId: () => string;
  /** Whether Prometheus has its rows. */
  readonly measured: boolean;
}

/**
 * Makes a container that is just being started one that has been there for hours: its age, its restarts, its last
 * termination and its rows in Prometheus. A program that never crosses the limit has no past lives, only an age.
 */
export function adoptPast(run: PodRun, container: ContainerRun, past: Past, at: Adoption): void {
  const { now, samples, newId } = at;
  const { life } = container;
  const limit = container.applied === null ? null : memoryLimit(container.applied);
  if (life === null) return;
  const length = limit === null ? null : crossingAt(life.program, limit);
  const age = length === null ? (past.ageMs ?? 0) : Math.max(0, length - past.remainingMs);
  if (age === 0) return;
  const current: Life = {
    ...life,
    startedAt: now - age,
    startedVirtual: life.startedVirtual - age,
    pace: 1,
    ordinal: length === null ? 0 : past.lives,
    stall: { at: now - age, stalledSeconds: 0 },
  };
  const earlier = Array.from({ length: length === null ? 0 : past.lives }, (_, index): Life => {
    const span = length ?? 0;
    const endedAt = current.startedAt - downMs - (past.lives - 1 - index) * (span + downMs);
    const startedAt = endedAt - span;
    return {
      ...current,
      containerId: newId(),
      ordinal: index,
      startedAt,
      endedAt,
      ending: 'memory',
      childKills: [],
      stall: { ...current.stall, at: startedAt },
    };
  });
  const last = earlier.at(-1);
  container.life = current;
  container.lives = [...earlier.slice(-1), current];
  container.restartCount = earlier.length;
  container.state = { kind: 'running', startedAt: wholeSeconds(current.startedAt) };
  if (last !== undefined) {
    container.lastTermination = {
      exitCode: 137,
      reason: 'OOMKilled',
      startedAt: wholeSeconds(last.startedAt),
      finishedAt: wholeSeconds(last.endedAt ?? last.startedAt),
      containerID: `containerd://${last.containerId}`,
    };
  }
  if (!at.measured) return;
  for (const each of [...earlier, current]) fillRows(run, container, each, now, samples);
}

/** When the first of the lives began: the age of the pod. Real ms before now. */
export function pastAgeMs(program: MemoryProgram, limitBytes: number | null, past: Past): number {
  const length = limitBytes === null ? null : crossingAt(program, limitBytes);
  if (length === null) return past.ageMs ?? 0;
  return (length + downMs) * past.lives + Math.max(0, length - past.remainingMs);
}

function fillRows(run: PodRun, container: ContainerRun, life: Life, now: number, samples: SampleStore): void {
  const { name, image } = container.spec;
  const labels = cadvisorLabels(run, { name, image, id: life.containerId });
  const podLabels = cadvisorLabels(run, null);
  const limitBytes = memoryLimit(container.desired);
  const podLimitBytes = memoryLimit(podResources([container.desired], []));
  const end = life.endedAt ?? now;
  for (let t = life.startedAt + 4000 + (life.ordinal % 7) * 1000; t < end; t += rowEveryMs) {
    const chargedBytes = Math.round(Math.max(idleBytes, demandAt(life.program, t - life.startedAt)));
    life.peakBytes = Math.max(life.peakBytes, chargedBytes);
    life.stall = stallAfter(life.stall, t, chargedBytes, limitBytes);
    const sample = { t, chargedBytes, limitBytes, oomEvents: 0, stalledSeconds: life.stall.stalledSeconds };
    addCgroupRows(samples, labels, sample);
    addCgroupRows(samples, podLabels, { ...sample, limitBytes: podLimitBytes });
    addStateRow(samples, run, container, t);
  }
  if (life.endedAt !== null) endCgroupRows(samples, labels, life.endedAt);
}
