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
import { newerDocuments, rollingUpgrade } from './rows/rolling-upgrade.ts';
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

/** Every row, in the order in which they are run and listed: those that cost much, among others that mostly wait. */
export const faultRows: readonly FaultRow[] = [
  apiHalfOpen,
  storm,
  crashLoop,
  redisFailOver,
  frozen,
  jobsDelayed,
  redisUnreachable,
  watcherKilled,
  jobsDoubled,
  redisRestarted,
  redisFull,
  workerKilled,
  redisReadOnly,
  redisSlow,
  malformedPods,
  blocked,
  poisonJobs,
  twoWatchers,
  apiIdleCut,
  botKilled,
  apiRestarted,
  watchExpired,
  clusterAhead,
  rightsRevoked,
  terminated,
  rollingUpgrade,
  newerDocuments,
  watchGarbled,
  clusterBehind,
  clusterJumps,
  ownClockJumps,
  slackSilentAfterSuccess,
  slackRateLimited,
  slackRefuses,
  // These spoil their system, which need not be one that others would have gone on with.
  listCompacted,
  slackServerError,
  slackDown,
  relistUnderChurn,
  slackSocketsRenewed,
  redisEmptied,
  slackTokenRevoked,
  credentialsRotated,
  slackChannelArchived,
];
