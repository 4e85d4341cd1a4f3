import { until } from '../../../bench/until.ts';
import type { FaultRow } from '../row.ts';

const deadlineMs = 30_000;
const timesEach = 2;

export const slackSilentAfterSuccess: FaultRow = {
  name: 'slack-silent-after-success',
  about: 'Slack takes messages and never answers',
  inject: async ({ system, random, nowAndThen }) => {
    const { faults } = system.world.slack;
    const ids = new Set<string>();
    await nowAndThen(async () => {
      const holdMs = 100 + random() * 400;
      const fault = { kind: 'timeout-after-success', method: 'chat.postMessage', count: timesEach, holdMs } as const;
      ids.add(faults.inject(fault).id);
    });
    return until('Slack was silent each time', deadlineMs, () => {
      const ours = faults.list().filter(({ id }) => ids.has(id));
      return ours.every(({ remaining }) => remaining === 0) ? ours.length * timesEach : null;
    });
  },
};
