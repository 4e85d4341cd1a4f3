import type { FaultRow } from '../row.ts';

const killsEach = 10;
/** Of 1 000 workloads 10 000 kills in a minute. */
const everyMs = 60;

export const storm: FaultRow = {
  name: 'storm',
  about: 'ten kills of each workload, a thousand workloads a minute, in one channel at the usual pace: folded',
  settings: { OOMKEEPER_STORM_AFTER: '5' },
  timing: { postEveryMs: 1_000 },
  // Nobody routes this namespace: all of it goes into one channel.
  plan: () => ({ kills: [killsEach, killsEach], everyMs, speed: 400, namespace: 'flooded' }),
  inject: async ({ kills, happened }) => {
    await happened;
    return kills();
  },
};
