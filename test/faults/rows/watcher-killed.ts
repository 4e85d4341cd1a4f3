import type { FaultRow } from '../row.ts';

export const watcherKilled: FaultRow = {
  name: 'watcher-killed',
  about: 'the watcher gets SIGKILL and is started again',
  inject: ({ system, nowAndThen }) => nowAndThen(() => system.crash('watcher')),
};
