import type { ContainerNow, UsageSeries } from '../../../src/core/evidence/usage-now.ts';
import { readPod } from '../../../src/core/kill/pod.ts';
import type { Kill } from '../../../src/core/kill/kill.ts';
import { createLookAhead } from '../../../src/flow/ahead/look-ahead.ts';
import type { Running, WarnNeeds } from '../../../src/flow/ahead/warn.ts';
import { Mi } from '../../fixtures/incidents.ts';
import { hour, minute, type WorkerWorld } from './worker-world.ts';

const limit = 500 * Mi;

export interface WatchedPod {
  readonly pod: string;
  /** Of its container's id. */
  readonly hex: string;
  /** ms UTC */
  readonly startedAt: number;
  /** Share of the limit, so many minutes after the start. */
  share: (minutes: number) => number;
  runs: boolean;
  /** Whether anybody measures what it uses. */
  isMeasured: boolean;
  /** As its pod says it now, where somebody resized it since the containers were listed. Mi */
  resizedTo: number | null;
}

export interface AheadWorld {
  /** As the cluster lists it now. */
  readonly containerNow: () => ContainerNow;
  readonly pod: WatchedPod;
  readonly needs: WarnNeeds;
  /** What became of warnings, in order. */
  readonly results: string[];
  /** Lets time go by in looks of a minute. */
  readonly watch: (minutes: number) => Promise<void>;
  /** As if the worker had been started again: it knows only what is stored. */
  readonly restart: () => void;
  /** The pod is killed for memory, and admitted. */
  readonly killed: () => Promise<Kill>;
}

/** One pod of a Deployment, whose usage is looked at every minute of the world's own time; `digit` tells pods apart. */
export async function openAhead(world: WorkerWorld, share: WatchedPod['share'], digit = 'a'): Promise<AheadWorld> {
  const pod: WatchedPod = {
    pod: `checkout-7f9c-x2x4${digit}`,
    hex: digit.repeat(64),
    startedAt: await world.now(),
    share,
    runs: true,
    isMeasured: true,
    resizedTo: null,
  };
  const results: string[] = [];
  const needs: WarnNeeds = { ...world.needs, cluster: world.name, running: () => Promise.resolve(running(pod)) };
  const containerNow = (): ContainerNow => ({
    namespace: 'shop',
    pod: pod.pod,
    container: 'app',
    workload: { kind: 'Deployment', name: 'checkout' },
    isRunning: true,
    containerId: `containerd://${pod.hex}`,
    startedAt: pod.startedAt,
    requestBytes: null,
    limitBytes: limit,
  });
  const bytesAt = (at: number): number => Math.round(pod.share((at - pod.startedAt) / minute) * limit);
  const start = () =>
    createLookAhead({
      ...needs,
      withinMs: 4 * hour,
      history: async (containers) => {
        const to = await world.now();
        const from = Math.max(pod.startedAt, to - hour);
        const points = Array.from({ length: Math.floor((to - from) / minute) + 1 }, (_, index) => {
          const t = to - index * minute;
          return { t, bytes: bytesAt(t) };
        }).toReversed();
        const usage = containers.map(({ namespace, pod: name, container }): UsageSeries => ({
          namespace,
          pod: name,
          container,
          hex: pod.hex,
          points,
        }));
        return { usage, stalls: [] };
      },
      warned: (result) => void results.push(result),
    });
  let lookAhead = start();

  return {
    containerNow,
    pod,
    needs,
    results,
    watch: async (minutes) => {
      for (let looks = 0; looks < minutes; looks += 1) {
        world.pass(minute);
        const at = await world.now();
        const isSeen = pod.runs && pod.isMeasured;
        const isNear = isSeen && bytesAt(at) >= 0.6 * limit;
        await lookAhead({
          at,
          open: await world.store.open(200),
          seen: new Set(isSeen ? [`shop/${pod.pod}/app`] : []),
          near: isNear ? [containerNow()] : [],
        });
      }
    },
    restart: () => {
      lookAhead = start();
    },
    killed: async () => {
      const kill = await world.kill({ limit });
      return { ...kill, pod: pod.pod, podUid: `uid-${pod.pod}`, containerId: `containerd://${pod.hex}` };
    },
  };
}

function running({ pod, hex, startedAt, runs, resizedTo }: WatchedPod): Running | null {
  const memory = `${resizedTo ?? 500}Mi`;
  const resources = { limits: { memory }, requests: { memory } };
  const view = readPod({
    metadata: {
      name: pod,
      namespace: 'shop',
      uid: `uid-${pod}`,
      labels: { 'pod-template-hash': '7f9c' },
      ownerReferences: [{ controller: true, kind: 'ReplicaSet', name: 'checkout-7f9c' }],
    },
    spec: { nodeName: 'worker-3', containers: [{ name: 'app', image: 'shop/checkout:1.4', resources }] },
    status: {
      containerStatuses: [
        {
          name: 'app',
          restartCount: 0,
          containerID: `containerd://${hex}`,
          state: { running: { startedAt: new Date(startedAt).toISOString() } },
        },
      ],
    },
  });
  const container = view?.containers[0];
  return view && container && runs ? { pod: view, container } : null;
}
