import {
  addCgroupRows,
  addCpuRow,
  addPacketsRow,
  addStateRow,
  cadvisorLabels,
  countOn,
  endCgroupRows,
  idleBytes,
  pauseLabels,
  stallAfter,
  withPageCache,
} from './rows.ts';
import type { SampleStore } from './samples.ts';
import { wholeSeconds, type ContainerRun, type Instance, type PodRun } from '../kubelet/run.ts';
import { memoryLimit, podResources } from '../kubelet/spec.ts';
import { crossingAt, demandAt, withPages, type MemoryProgram } from '../kubelet/program.ts';

/** Container instances from before the scenario's start. They ran in real time unless told, whatever the clock's speed is now. */
export interface Past {
  /** Killed instances before the running one. */
  readonly lives: number;
  /** The running instance is killed so many virtual ms after the start. */
  readonly remainingMs: number;
  /** How old the running instance is where nothing would kill it; real ms. */
  readonly ageMs?: number;
  /** They ran as fast as the workload does now; in real time unless told. */
  readonly asFast?: boolean;
  /** The same in virtual ms per real ms; 1 unless told. */
  readonly pace?: number;
  /** What decides how long instances run, where that is not simply the first revision's program. */
  readonly program?: MemoryProgram;
}

const rowEveryMs = 15_000;
/** What ran for days was scraped by a Prometheus that keeps months, every 30 s. */
const daysMs = 24 * 3_600_000;
const rarerRowMs = 30_000;
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
 * termination and its rows in Prometheus. A program that never crosses the limit has no past instances, only an age.
 */
export function adoptPast(run: PodRun, container: ContainerRun, past: Past, at: Adoption): void {
  const { now, samples, newId } = at;
  const { instance } = container;
  const limit = container.applied === null ? null : memoryLimit(container.applied);
  if (instance === null) return;
  const length = limit === null ? null : crossingAt(instance.program, limit);
  const age = length === null ? (past.ageMs ?? 0) : Math.max(0, length - past.remainingMs);
  if (age === 0) return;
  const { pace = 1 } = past;
  const began = now - age / pace;
  const current: Instance = {
    ...instance,
    startedAt: began,
    startedVirtual: instance.startedVirtual - age,
    pace,
    ordinal: length === null ? 0 : past.lives,
    stall: { at: began, stalledSeconds: 0 },
    cpu: { at: began, count: 0 },
  };
  const earlier = Array.from({ length: length === null ? 0 : past.lives }, (_, index): Instance => {
    const span = (length ?? 0) / pace;
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
      cpu: { at: startedAt, count: 0 },
    };
  });
  const last = earlier.at(-1);
  container.instance = current;
  container.instances = [...earlier.slice(-1), current];
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

/** When the first of the instances began: the age of the pod. Real ms before now. */
export function pastAgeMs(program: MemoryProgram, limitBytes: number | null, past: Past): number {
  const length = limitBytes === null ? null : crossingAt(withPages(program), limitBytes);
  if (length === null) return past.ageMs ?? 0;
  const { pace = 1 } = past;
  return (length / pace + downMs) * past.lives + Math.max(0, length - past.remainingMs) / pace;
}

function fillRows(run: PodRun, container: ContainerRun, instance: Instance, now: number, samples: SampleStore): void {
  const { name, image } = container.spec;
  const labels = cadvisorLabels(run, { name, image, id: instance.containerId });
  const podLabels = cadvisorLabels(run, null);
  const limitBytes = memoryLimit(container.desired);
  const podLimitBytes = memoryLimit(podResources([container.desired], []));
  const end = instance.endedAt ?? now;
  const { pace } = instance;
  const everyMs = (end - instance.startedAt > daysMs ? rarerRowMs : rowEveryMs) / pace;
  const pause = pauseLabels(run);
  for (let t = instance.startedAt + (4000 + (instance.ordinal % 7) * 1000) / pace; t < end; t += everyMs) {
    const ageMs = (t - instance.startedAt) * pace;
    const neededBytes = Math.round(Math.max(idleBytes, demandAt(instance.program, ageMs)));
    instance.peakBytes = Math.max(instance.peakBytes, neededBytes);
    const virtualAt = instance.startedVirtual + ageMs;
    const { chargedBytes, pagesBytes } = withPageCache(instance, virtualAt, neededBytes, limitBytes);
    instance.stall = stallAfter(instance.stall, t, chargedBytes, limitBytes);
    const { stalledSeconds } = instance.stall;
    const sample = { t, chargedBytes, pagesBytes, limitBytes, oomEvents: 0, stalledSeconds };
    addCgroupRows(samples, labels, sample);
    addCgroupRows(samples, podLabels, { ...sample, limitBytes: podLimitBytes });
    instance.cpu = countOn('cpu', instance.cpu, t, instance.program, ageMs);
    run.packets = countOn('packets', run.packets ?? { at: t, count: 0 }, t, instance.program, ageMs);
    addCpuRow(samples, labels, instance.cpu);
    addPacketsRow(samples, pause, run.packets);
    addStateRow(samples, run, container, t);
  }
  if (instance.endedAt !== null) endCgroupRows(samples, labels, instance.endedAt);
}
