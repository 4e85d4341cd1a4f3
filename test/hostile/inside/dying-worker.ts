import { setTimeout as pause } from 'node:timers/promises';
import { closeRedis, connectRedis, redisNow, redisReady } from '../../../src/adapters/redis/connection.ts';
import { createStore } from '../../../src/adapters/redis/store/store.ts';
import { slackIds } from '../../../src/adapters/slack/approver-ids.ts';
import { policyFileSchema } from '../../../src/core/approve/policy.ts';
import { wait } from '../../../src/app/wait.ts';
import { sweep } from '../../../src/flow/sweep.ts';
import { untraced } from '../../../src/core/trace.ts';
import type { WorkerNeeds } from '../../../src/flow/worker-needs.ts';
import { aCluster, readerOf, writerOf } from '../../flow/worker/pretend-cluster.ts';

/*
 * A worker in a process of its own, which sweeps once and ends. Where it looks at the workload `poison` it is killed, as
 * by the kernel, while it is in the middle of whatever else is due.
 */
const [url = '', cluster = ''] = process.argv.slice(2);
const redis = connectRedis(url, { role: 'store', onError: () => undefined });
await redisReady(redis, 5_000);
const now = (): Promise<number> => redisNow(redis);
const world = aCluster(await now());
const reader = readerOf(world, now);
const nothing = { show: () => Promise.resolve(), advance: () => Promise.resolve() };

const needs: WorkerNeeds = {
  store: createStore({ redis, cluster }),
  hints: nothing,
  reader: {
    ...reader,
    findings: async (trigger, recent, nodeOom) => {
      if (trigger.subject.workload.name === 'poison') {
        // The others are in the middle of theirs by then.
        await pause(150);
        process.kill(process.pid, 'SIGKILL');
      }
      await pause(300);
      return reader.findings(trigger, recent, nodeOom);
    },
  },
  writer: writerOf(world, now),
  now,
  wait,
  policy: { mode: 'observe', rules: [], freezes: [], approvalTtlMs: 60_000, changeTtlMs: 60_000 },
  notify: policyFileSchema(slackIds).parse({}),
  threadUrl: () => Promise.resolve(null),
  forge: null,
  sources: [],
  pace: {
    explainAgainMs: 30_000,
    settleMs: 75_000,
    runSettledMs: 600_000,
    refreshMs: 3_600_000,
    impactEveryMs: 60_000,
    confirmEveryMs: 2_000,
    confirmTimeoutMs: 300_000,
    verifyAfterMs: 900_000,
    watchAtMostMs: 604_800_000,
    syncTimeoutMs: 3_600_000,
    pollMs: 60_000,
    leaseMs: 1_000,
  },
  log: () => undefined,
  trace: untraced,
  onSetAside: () => process.stdout.write('set aside\n'),
};

await sweep(needs);
await closeRedis(redis);
