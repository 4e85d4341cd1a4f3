import { virtualNow, type SandboxClock } from '../../clock.ts';
import {
  addCgroupRows,
  addCpuRow,
  addPacketsRow,
  addStateRow,
  cadvisorLabels,
  chargedAt,
  countOn,
  endCgroupRows,
  idleBytes,
  pauseLabels,
  stallAfter,
  withPageCache,
  writtenAt,
} from './rows.ts';
import type { SampleStore } from './samples.ts';
import type { Instance, PodRun, Stall } from '../kubelet/run.ts';
import { memoryLimit } from '../kubelet/spec.ts';
import type { PodWorker } from '../kubelet/worker.ts';

/** How often Prometheus asks, virtual ms of the pod that is asked; never more often than so many real ms. */
const scrapeEveryMs = 15_000;
const shortestRealMs = 50;
/** No two looks at a process that works find the same number of pages. */
const wiggleBytes = 64 * 1024;
/** cAdvisor looks at a cgroup by itself, virtual ms between two looks; a scrape gets what it saw last (recorded). */
const lookEveryMs = { least: 10_000, most: 19_000 };
const pauseBytes = 60 * 1024;

/** The last look at a cgroup and the next one; real ms UTC. */
interface Look {
  readonly at: number;
  readonly next: number;
}

/**
 * Scrapes every running container, pause and pod cgroup. What dies sooner than a scrape comes leaves no row, and the
 * last row before a kill is seconds old: the reason why a usage peak is never seen. Returns the stop function.
 */
export function startScraper(
  clock: SandboxClock,
  random: () => number,
  store: SampleStore,
  workers: () => readonly PodWorker[],
): () => void {
  const alive = new Map<string, { readonly pod: string; readonly labels: Record<string, string> }>();
  const runs = new Map<string, PodRun>();
  const scrapedAt = new Map<string, number>();
  const podStalls = new Map<string, Stall>();
  /** By cgroup, as long as it is scraped. */
  const looks = new Map<string, Look>();
  let cancel = clock.after(realInterval(clock) * clock.speed, scrape);

  function scrape(): void {
    const now = clock.now();
    const all = workers();
    const due = all.filter(({ run, clock: own }) => now >= (scrapedAt.get(run.uid) ?? 0) + realInterval(own) - 1);
    const seen = new Set<string>();
    for (const { run, clock: own } of due) {
      scrapedAt.set(run.uid, now);
      scrapeContainers(run, own, now, seen);
      // Not before its first container, whose past may have rows that are older.
      if (run.containers.some(({ instances }) => instances.length > 0)) scrapePod(run, own, now, seen);
    }
    const asked = new Set(due.map(({ run }) => run.uid));
    const there = new Set(all.map(({ run }) => run.uid));
    for (const [key, { pod, labels }] of alive) {
      if (seen.has(key) || (there.has(pod) && !asked.has(pod))) continue;
      endCgroupRows(store, labels, now);
      for (const gone of [alive, looks]) gone.delete(key);
    }
    for (const gone of [scrapedAt, podStalls]) for (const uid of gone.keys()) if (!there.has(uid)) gone.delete(uid);
    scrapeStates(
      all.map(({ run }) => run),
      asked,
      now,
    );
    const shortest = Math.min(realInterval(clock), ...all.map(({ clock: own }) => realInterval(own)));
    cancel = clock.after(shortest * clock.speed, scrape);
  }

  /** When cAdvisor last looked at a cgroup that began at `since`. */
  function lookAt(labels: Record<string, string>, since: number, now: number, speed: number): number {
    const key = labels['id'] ?? '';
    const gap = (): number => (lookEveryMs.least + random() * (lookEveryMs.most - lookEveryMs.least)) / speed;
    let look = looks.get(key) ?? { at: since, next: since + gap() };
    while (look.next <= now) look = { at: look.next, next: look.next + gap() };
    looks.set(key, look);
    return look.at;
  }

  function scrapeContainers(run: PodRun, own: SandboxClock, now: number, seen: Set<string>): void {
    for (const { spec, instance, applied } of run.containers) {
      if (instance === null) continue;
      const labels = cadvisorLabels(run, { name: spec.name, image: spec.image, id: instance.containerId });
      const t = lookAt(labels, instance.startedAt, now, own.speed);
      const limitBytes = applied === null ? null : memoryLimit(applied);
      const virtualAt = virtualNow(own) - (now - t) * own.speed;
      // The first look comes when the container has hardly begun (recorded).
      const needed = t === instance.startedAt ? idleBytes : chargedAt(instance, virtualAt);
      const { chargedBytes, pagesBytes } = withPageCache(instance, virtualAt, needed, limitBytes);
      const charged = Math.round(Math.min(chargedBytes, limitBytes ?? Infinity) - random() * wiggleBytes);
      instance.peakBytes = Math.max(instance.peakBytes, charged - pagesBytes);
      note(run, labels, seen);
      instance.stall = stallAfter(instance.stall, t, charged, limitBytes);
      const oomEvents = instance.childKills.filter((at) => at <= t).length;
      const { stalledSeconds } = instance.stall;
      const filesBytes = writtenAt(instance, virtualAt);
      const counts = { filesBytes, pagesBytes, limitBytes, oomEvents, stalledSeconds };
      addCgroupRows(store, labels, { t, chargedBytes: charged, ...counts });
      instance.cpu = countOn('cpu', instance.cpu, t, instance.program, virtualAt - instance.startedVirtual);
      addCpuRow(store, labels, instance.cpu);
    }
  }

  function scrapePod(run: PodRun, own: SandboxClock, now: number, seen: Set<string>): void {
    const pause = pauseLabels(run);
    const pod = cadvisorLabels(run, null);
    note(run, pause, seen);
    note(run, pod, seen);
    const t = lookAt(pod, Math.min(now, Date.parse(run.startTime ?? '') || now), now, own.speed);
    const quiet = { oomEvents: 0, stalledSeconds: 0 };
    const pauseAt = lookAt(pause, t, now, own.speed);
    addCgroupRows(store, pause, { ...quiet, t: pauseAt, chargedBytes: pauseBytes, limitBytes: null });
    const busy = run.containers.find(({ instance }) => instance?.program.load !== undefined)?.instance;
    const pausedAgeMs = virtualNow(own) - (now - pauseAt) * own.speed - (busy?.startedVirtual ?? 0);
    const asked = busy?.program ?? { points: [] };
    run.packets = countOn('packets', run.packets ?? { at: pauseAt, count: 0 }, pauseAt, asked, pausedAgeMs);
    addPacketsRow(store, pause, run.packets);
    const limitBytes = memoryLimit(run.podResources);
    const virtualAt = virtualNow(own) - (now - t) * own.speed;
    const there = run.containers.flatMap(({ instances }) => instances.filter((one) => isAliveAt(one, t)));
    const written = there.reduce((sum, one) => sum + writtenAt(one, virtualAt), 0);
    // Between two runs what the last one left is still there.
    const left = there.reduce((most, one) => Math.max(most, one.leftBytes), there.length === 0 ? run.leftBytes : 0);
    const total = there.reduce((sum, one) => sum + chargedAt(one, virtualAt), pauseBytes + left);
    const chargedBytes = Math.round(Math.min(total, limitBytes ?? Infinity));
    const stall = stallAfter(podStalls.get(run.uid) ?? { at: t, stalledSeconds: 0 }, t, chargedBytes, limitBytes);
    podStalls.set(run.uid, stall);
    const { stalledSeconds } = stall;
    addCgroupRows(store, pod, { ...quiet, t, stalledSeconds, chargedBytes, filesBytes: left + written, limitBytes });
  }

  function note(run: PodRun, labels: Record<string, string>, seen: Set<string>): void {
    const key = labels['id'] ?? '';
    seen.add(key);
    alive.set(key, { pod: run.uid, labels });
  }

  function scrapeStates(pods: readonly PodRun[], asked: ReadonlySet<string>, now: number): void {
    const there = new Set(pods);
    for (const [uid, run] of runs) {
      if (there.has(run)) continue;
      for (const container of run.containers) addStateRow(store, run, container, now, { gone: true });
      runs.delete(uid);
    }
    for (const run of pods.filter(({ uid }) => asked.has(uid))) {
      runs.set(run.uid, run);
      for (const container of run.containers.filter(({ type }) => type !== 'init')) {
        addStateRow(store, run, container, now);
      }
    }
  }

  return () => {
    cancel();
  };
}

function realInterval(clock: SandboxClock): number {
  return Math.max(shortestRealMs, scrapeEveryMs / clock.speed);
}

function isAliveAt({ startedAt, endedAt }: Instance, t: number): boolean {
  return startedAt <= t && (endedAt === null || endedAt > t);
}
