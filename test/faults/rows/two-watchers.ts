import { until } from '../../eventually.ts';
import type { FaultRow } from '../row.ts';

export const twoWatchers: FaultRow = {
  name: 'two-watchers',
  about: 'two watchers see every kill and queue it',
  beside: ['watcher'],
  inject: async ({ system, happened }) => {
    const { api } = system.world;
    const before = api.watchLog().length;
    const readTwice = (): number => {
      const lines = api
        .watchLog()
        .slice(before)
        .map(({ uid, resourceVersion }) => `${uid} ${resourceVersion}`);
      return lines.length - new Set(lines).size;
    };
    await happened;
    // A pod shows its kill a moment later.
    return until('both watchers have read of a kill', () => readTwice() || null);
  },
};
