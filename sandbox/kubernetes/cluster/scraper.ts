import { virtualNow, type SandboxClock } from '../../clock.ts';
import { addCgroupRows, addStateRow, cadvisorLabels, chargedAt, endCgroupRows, stallAfter } from './rows.ts';
import type { SampleStore } from './samples.ts';
import type { PodRun, Stall } from '../kubelet/run.ts';
import { memoryLimit } from '../kubelet/spec.ts';
import type { PodWorker } from '../kubelet/worker.ts';

/** How often Prometheus asks, virtual ms of the pod that is asked; never more often than so many real ms. */
const scrapeEveryMs = 15_000;
const shortestRealMs = 50;
/** No two looks at a process that works find the same number of pages. */
const wiggleBytes = 64 * 1024;
/** cAdvisor looks at a cgroup by itself every 10 to 19 s: its rows are up to this old when they are scraped. */
const oldestRowMs = 10_000;

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
  let cancel = clock.after(realInterval(clock) * clock.speed, scrape);

  function scrape(): void {
    const now = clock.now();
    const all = workers();
    const due = all.filter(({ run, clock: own }) => now >= (scrapedAt.get(run.uid) ?? 0) + realInterval(own) - 1);
    const seen = new Set<string>();
    for (const { run, clock: own } of due) {
      scrapedAt.set(run.uid, now);
      const total = scrapeContainers(run, own, now, seen);
      if (total > 0) scrapePod(run, now, total, seen);
    }
    const asked = new Set(due.map(({ run }) => run.uid));
    const there = new Set(all.map(({ run }) => run.uid));
    for (const [key, { pod, labels }] of alive) {
      if (seen.has(key) || (there.has(pod) && !asked.has(pod))) continue;
      endCgroupRows(store, labels, now);
      alive.delete(key);
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

  function scrapeContainers(run: PodRun, own: SandboxClock, now: number, seen: Set<string>): number {
    let total = 0;
    for (const { spec, instance, applied } of run.containers) {
      if (instance === null) continue;
      const t = Math.max(instance.startedAt, now - (random() * oldestRowMs) / own.speed);
      const limitBytes = applied === null ? null : memoryLimit(applied);
      const needed = chargedAt(instance, virtualNow(own) - (now - t) * own.speed);
      const charged = Math.round(Math.min(needed, limitBytes ?? Infinity) - random() * wiggleBytes);
      instance.peakBytes = Math.max(instance.peakBytes, charged);
      total += charged;
      const labels = cadvisorLabels(run, { name: spec.name, image: spec.image, id: instance.containerId });
      note(run, labels, seen);
      instance.stall = stallAfter(instance.stall, t, charged, limitBytes);
      const oomEvents = instance.childKills.filter((at) => at <= t).length;
      const { stalledSeconds } = instance.stall;
      addCgroupRows(store, labels, { t, chargedBytes: charged, limitBytes, oomEvents, stalledSeconds });
    }
    return total;
  }

  function scrapePod(run: PodRun, now: number, total: number, seen: Set<string>): void {
    const pause = cadvisorLabels(run, { name: '', image: 'registry.k8s.io/pause:3.10', id: pauseId(run) });
    const pod = cadvisorLabels(run, null);
    note(run, pause, seen);
    note(run, pod, seen);
    const pauseBytes = 60 * 1024;
    const quiet = { t: now, oomEvents: 0, stalledSeconds: 0 };
    addCgroupRows(store, pause, { ...quiet, chargedBytes: pauseBytes, limitBytes: null });
    const limitBytes = memoryLimit(run.podResources);
    const stall = stallAfter(podStalls.get(run.uid) ?? { at: now, stalledSeconds: 0 }, now, total, limitBytes);
    podStalls.set(run.uid, stall);
    addCgroupRows(store, pod, { ...quiet, ...stall, chargedBytes: total + pauseBytes, limitBytes });
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

function pauseId(run: PodRun): string {
  return run.uid.replaceAll('-', '').padEnd(64, '0');
}
