import type { FaultRow } from '../row.ts';

/** In 24 h with a back-off of five minutes. */
const killsADay = 288;
const daySeconds = 24 * 60 * 60;
/** Real seconds that a day takes. */
const takesSeconds = 10;

export const crashLoop: FaultRow = {
  name: 'crash-loop',
  about: 'one workload is killed again and again for 24 h, 288 times (in ten seconds): one incident',
  plan: () => ({ incidents: 1, kills: [killsADay, killsADay], speed: daySeconds / takesSeconds }),
  inject: async ({ kills, happened }) => {
    await happened;
    return kills();
  },
};
