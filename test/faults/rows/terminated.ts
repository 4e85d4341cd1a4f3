import { processNames } from '../../../scripts/system.ts';
import type { FaultRow } from '../row.ts';

export const terminated: FaultRow = {
  name: 'terminated',
  about: 'the three processes get SIGTERM in turn, at random moments',
  inject: ({ system, nowAndThen }) =>
    nowAndThen((nth) => system.crash(processNames[nth % processNames.length] ?? 'watcher', 'SIGTERM')),
};
