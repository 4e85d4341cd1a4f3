import type { FaultRow } from '../row.ts';

export const twoWatchers: FaultRow = {
  name: 'two-watchers',
  about: 'two watchers see every kill and queue it',
  beside: ['watcher'],
  inject: async ({ system, happened }) => {
    const { api } = system.world;
    const before = api.watchLog().length;
    await happened;
    const lines = api
      .watchLog()
      .slice(before)
      .map(({ uid, resourceVersion }) => `${uid} ${resourceVersion}`);
    return lines.length - new Set(lines).size;
  },
};
