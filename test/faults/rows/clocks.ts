import { until } from '../../eventually.ts';
import { processNames } from '../../../scripts/system.ts';
import { saidTimes, untilSaid } from '../inside/said.ts';
import { clockSettings, heedingSignals, settingClock } from '../inside/signals.ts';
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

export const clusterJumps: FaultRow = {
  name: 'cluster-clock-jumps',
  about: 'the clocks of the nodes and the API server are set ten minutes ahead, back, behind, and right again',
  inject: async ({ system, kills, happened, nowAndThen, orMissed }) => {
    let wrongKills = 0;
    let before = 0;
    let aheadMs = 0;
    const set = (ms: number): void => {
      if (aheadMs !== 0) wrongKills += kills() - before;
      before = kills();
      aheadMs = ms;
      system.world.setClusterAhead(ms);
    };
    await nowAndThen(async (nth) => {
      // A clock that is right again before anything is killed by it harms nobody.
      if (aheadMs !== 0) await orMissed(until('a kill by this clock', () => (kills() > before ? true : null)));
      set(clockSettings[nth % clockSettings.length] ?? 0);
      // Without a new watch nobody would hear of it.
      system.world.api.cut(0);
    });
    await happened;
    set(0);
    return wrongKills;
  },
};

export const ownClockJumps: FaultRow = {
  name: 'own-clock-jumps',
  // Some clocks stay wrong.
  spoils: true,
  about: 'the clock of the watcher, the worker or the bot is set ten minutes ahead, back, behind, and right again',
  settings: heedingSignals,
  inject: async ({ system, nowAndThen }) => {
    const first = await saidTimes(system, settingClock.words);
    const sent = await nowAndThen((nth) => {
      process.kill(system.process(processNames[nth % processNames.length] ?? 'watcher').pid, settingClock.signal);
      return Promise.resolve();
    });
    await untilSaid(system, settingClock.words, first + sent);
    return sent;
  },
};

/** Kills by clocks that are wrong by about so much. */
async function withWrongClock({ system, kills, happened }: Stage, aheadMs: number): Promise<number> {
  await happened;
  const at = system.world.api.requestLog().at(-1)?.at ?? Date.now();
  return Math.abs(at - Date.now() - aheadMs) < tenMinutesMs / 2 ? kills() : 0;
}
