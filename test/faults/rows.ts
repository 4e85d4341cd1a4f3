import type { FaultRow } from './row.ts';
import { crashLoop } from './rows/crash-loop.ts';
import { jobsDelayed, jobsDoubled } from './rows/jobs.ts';
import { botKilled, watcherKilled, workerKilled } from './rows/killed.ts';
import { redisEmptied, redisFull, redisReadOnly, redisRestarted, redisSlow, redisUnreachable } from './rows/redis.ts';
import { redisFailOver } from './rows/redis-fail-over.ts';
import {
  slackChannelArchived,
  slackDown,
  slackRateLimited,
  slackServerError,
  slackSilentAfterSuccess,
  slackSocketsRenewed,
  slackTokenRevoked,
} from './rows/slack.ts';
import { terminated } from './rows/terminated.ts';
import { twoWatchers } from './rows/two-watchers.ts';

/** Every row, in the order in which they are run and listed. */
export const faultRows: readonly FaultRow[] = [
  watcherKilled,
  workerKilled,
  botKilled,
  terminated,
  twoWatchers,
  crashLoop,
  jobsDoubled,
  jobsDelayed,
  redisRestarted,
  redisUnreachable,
  redisFull,
  redisReadOnly,
  redisSlow,
  redisEmptied,
  redisFailOver,
  slackSilentAfterSuccess,
  slackRateLimited,
  slackServerError,
  slackDown,
  slackSocketsRenewed,
  slackTokenRevoked,
  slackChannelArchived,
];
