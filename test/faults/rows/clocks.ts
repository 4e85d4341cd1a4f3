import type { FaultRow, Stage } from '../row.ts';

const tenMinutesMs = 10 * 60_000;

export const clusterAhead: FaultRow = {
  name: 'cluster-clock-ahead',
  about: 'the clocks of the nodes and the API server are ten minutes ahead of ours',
  world: { clusterAheadMs: tenMinutesMs },
  inject: (stage) => withWrongClock(stage, tenMinutesMs),
};

export const clusterBehind: FaultRow = {
  name: 'cluster-clock-behind',
  about: 'the clocks of the nodes and the API server are ten minutes behind ours',
  world: { clusterAheadMs: -tenMinutesMs },
  inject: (stage) => withWrongClock(stage, -tenMinutesMs),
};

/** Kills by clocks that are wrong by about so much. */
async function withWrongClock({ system, kills, happened }: Stage, aheadMs: number): Promise<number> {
  await happened;
  const at = system.world.api.requestLog().at(-1)?.at ?? Date.now();
  return Math.abs(at - Date.now() - aheadMs) < tenMinutesMs / 2 ? kills() : 0;
}
