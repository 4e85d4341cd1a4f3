import { until } from '../../eventually.ts';
import type { FaultKind } from '../../../sandbox/kubernetes/server/server-faults.ts';
import type { World } from '../../../sandbox/world.ts';
import { clusterOf } from '../../acceptance/victims.ts';
import { idlePod } from '../idle-pod.ts';
import type { FaultRow } from '../row.ts';

/** A kill of which the history is gone is told by what its pod shows last. */
const oneKillEach: NonNullable<FaultRow['plan']> = () => ({ kills: [1, 1] });

export const apiRestarted: FaultRow = {
  name: 'api-restarted',
  about: 'the API server resets every connection and takes no new one for up to two seconds',
  inject: async ({ system, random, nowAndThen, orMissed }) => {
    const { api } = system.world;
    let hit = 0;
    await nowAndThen(async () => {
      await orMissed(until('watches are open again', () => (api.openWatches() > 0 ? true : null)));
      hit += api.openWatches();
      api.cut(random() * 2_000);
    });
    return hit;
  },
};

export const watchExpired: FaultRow = {
  name: 'watch-expired',
  about: 'the API server forgets its history while all watches break: each is to resume where nothing is left (410)',
  plan: oneKillEach,
  inject: async ({ system, nowAndThen }) => {
    let lists = 0;
    await nowAndThen(async () => {
      lists += await expireWatches(system.world);
    });
    return lists;
  },
};

const streams = ['pods', 'events', 'nodes'] as const;

let marks = 0;

/**
 * Makes the API server forget its history while all watches break, and something that none of them has read with it: each
 * has to list anew. Resolves with how many lists there were of pods, Events and nodes, when each was listed.
 */
export async function expireWatches(world: World): Promise<number> {
  const { api } = world;
  const first = api.requestLog().at(-1)?.seq ?? 0;
  const lists = (stream: (typeof streams)[number]): number =>
    api.requestLog().filter(({ seq, path, status }) => seq > first && status === 200 && isList(path, stream)).length;
  api.faults.inject({ kind: 'cut-watches' });
  marks += 1;
  clusterOf(world).apply([idlePod(`mark-${marks}`)]);
  api.faults.inject({ kind: '410' });
  await until('all streams are listed', () => (streams.every((one) => lists(one) > 0) ? true : null));
  return streams.reduce((sum, stream) => sum + lists(stream), 0);
}

function isList(path: string, stream: (typeof streams)[number]): boolean {
  return path.startsWith(`/api/v1/${stream}?`) && path.includes('sendInitialEvents=true');
}

const damages = [
  'garble-next-line',
  'overwrite-next-line',
  'split-lines',
  'reset-mid-line',
  'end-mid-line',
] as const satisfies readonly FaultKind[];

export const watchGarbled: FaultRow = {
  name: 'watch-garbled',
  about: 'lines of watches are half or mostly garbage, end in the middle, or come in pieces of a few bytes',
  inject: async ({ system, incidents, reached, happened, orMissed }) => {
    const { api } = system.world;
    const before = api.harmedLines();
    const times = Math.max(damages.length, Math.round(incidents / 4));
    for (let nth = 0; nth < times; nth += 1) {
      await reached((nth + 0.5) / times);
      const kind = damages[nth % damages.length] ?? 'garble-next-line';
      const unharmed = api.harmedLines();
      let isMissed = false;
      const harmed = until('a line is harmed', () => {
        if (isMissed || api.harmedLines() > unharmed) return true;
        // It strikes the watches that are open now, and that of the pods may be opened later.
        api.faults.inject({ kind });
        return null;
      });
      isMissed = (await orMissed(harmed)) === 'missed';
    }
    await happened;
    return api.harmedLines() - before;
  },
};
