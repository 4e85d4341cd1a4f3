import type { FaultRow } from './row.ts';
import { redisRestarted } from './rows/redis-restarted.ts';
import { slackSilentAfterSuccess } from './rows/slack-silent-after-success.ts';
import { watcherKilled } from './rows/watcher-killed.ts';

/** Every row, in the order in which they are run and listed. */
export const faultRows: readonly FaultRow[] = [watcherKilled, redisRestarted, slackSilentAfterSuccess];
