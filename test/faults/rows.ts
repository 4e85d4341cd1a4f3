import type { FaultRow } from './row.ts';
import { apiHalfOpen, apiIdleCut, credentialsRotated, rightsRevoked } from './rows/api-connection.ts';
import { listCompacted, relistUnderChurn } from './rows/api-lists.ts';
import { apiRestarted, watchExpired, watchGarbled } from './rows/api-server.ts';
import { clusterAhead, clusterBehind, clusterJumps, ownClockJumps } from './rows/clocks.ts';
import { crashLoop } from './rows/crash-loop.ts';
import { blocked, frozen } from './rows/frozen.ts';
import { jobsDelayed, jobsDoubled } from './rows/jobs.ts';
import { botKilled, watcherKilled, workerKilled } from './rows/killed.ts';
import { redisEmptied, redisFull, redisReadOnly, redisRestarted, redisSlow, redisUnreachable } from './rows/redis.ts';
import { malformedPods } from './rows/malformed-pods.ts';
import { poisonJobs } from './rows/poison-jobs.ts';
import { redisFailOver } from './rows/redis-fail-over.ts';
import {
  slackChannelArchived,
  slackDown,
  slackRateLimited,
  slackRefuses,
  slackServerError,
  slackSilentAfterSuccess,
  slackSocketsRenewed,
  slackTokenRevoked,
} from './rows/slack.ts';
import { storm } from './rows/storm.ts';
import { terminated } from './rows/terminated.ts';
import { twoWatchers } from './rows/two-watchers.ts';

/** Every row, in the order in which they are run and listed. */
export const faultRows: readonly FaultRow[] = [
  // Take longest, and others run beside them.
  apiHalfOpen,
  storm,
  frozen,
  blocked,
  watcherKilled,
  workerKilled,
  botKilled,
  terminated,
  twoWatchers,
  crashLoop,
  jobsDoubled,
  jobsDelayed,
  poisonJobs,
  malformedPods,
  redisRestarted,
  redisUnreachable,
  redisFull,
  redisReadOnly,
  redisSlow,
  redisFailOver,
  apiRestarted,
  watchExpired,
  watchGarbled,
  apiIdleCut,
  rightsRevoked,
  clusterAhead,
  clusterBehind,
  clusterJumps,
  ownClockJumps,
  slackSilentAfterSuccess,
  slackRateLimited,
  slackRefuses,
  slackServerError,
  slackDown,
  slackSocketsRenewed,
  slackTokenRevoked,
  slackChannelArchived,
  // These spoil their system, which need not be one that others would have gone on with.
  redisEmptied,
  credentialsRotated,
  listCompacted,
  relistUnderChurn,
];
