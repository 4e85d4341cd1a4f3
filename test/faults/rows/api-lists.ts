import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type { World } from '../../../sandbox/world.ts';
import { clusterOf } from '../../acceptance/victims.ts';
import { eventually } from '../../eventually.ts';
import { idlePod } from '../idle-pod.ts';
import type { FaultRow } from '../row.ts';
import { expireWatches } from './api-server.ts';

/** One more than a page of a list holds, and some. */
const pageAndMore = 600;
/** Of 1 000 incidents 150 000 pods. */
const podsEach = 150;
const batch = 100;
const churnEveryMs = 2;
/** A list is begun again twice; then the rest is taken as it is. */
const compactions = 3;

export const listCompacted: FaultRow = {
  name: 'list-compacted',
  about: 'no streaming lists are served, and the history is compacted between the pages of a list of pods, each time',
  spoils: true,
  plan: () => ({ kills: [1, 1] }),
  inject: async ({ system, reached }) => {
    const { world } = system;
    const { api } = world;
    await addIdlePods(world, pageAndMore);
    const first = api.requestLog().at(-1)?.seq ?? 0;
    const path = '/api/v1/pods?limit=500&continue=';
    const refusal = api.faults.inject({ kind: 'no-streaming-list', path: '/api/v1/pods?', count: Infinity });
    const compaction = api.faults.inject({ kind: 'compact', path, count: Infinity });
    const refused = (): number =>
      api.requestLog().filter((one) => one.seq > first && one.status === 410 && one.path.startsWith(path)).length;
    await reached(0.3);
    const over = new AbortController();
    // Where nothing changes between two pages, nothing is too old.
    const churning = churn(world, pageAndMore, over.signal);
    try {
      // A watch that has read everything is not too old.
      await eventually(async () => {
        if (refused() >= compactions) return;
        api.faults.inject({ kind: '410' });
        await delay(1_000);
        throw new Error(`${refused()} of ${compactions} lists were compacted`);
      });
    } finally {
      over.abort();
      await churning;
      api.faults.clear(refusal.id);
      api.faults.clear(compaction.id);
    }
    return refused();
  },
};

export const relistUnderChurn: FaultRow = {
  name: 'relist-under-churn',
  about: '150 pods for each incident (of a thousand: 150 000) are listed again and again while more are made',
  spoils: true,
  plan: () => ({ kills: [1, 1] }),
  inject: async ({ system, incidents, nowAndThen }) => {
    const { world } = system;
    const count = incidents * podsEach;
    await addIdlePods(world, count);
    const over = new AbortController();
    const churning = churn(world, count, over.signal);
    let lists = 0;
    try {
      await nowAndThen(async () => {
        lists += await expireWatches(world);
      });
    } finally {
      over.abort();
      await churning;
    }
    return lists;
  },
};

async function addIdlePods(world: World, count: number): Promise<void> {
  for (let nth = 0; nth < count; nth += batch) {
    const names = Array.from({ length: Math.min(batch, count - nth) }, (_, at) => nth + at);
    clusterOf(world).apply(names.map((one) => idlePod(`idle-${one}`)));
    await turn();
  }
}

async function churn(world: World, count: number, signal: AbortSignal): Promise<void> {
  for (let nth = 0; !signal.aborted; nth += 1) {
    clusterOf(world).apply([idlePod(`idle-${count + nth}`)]);
    await delay(churnEveryMs);
  }
}
