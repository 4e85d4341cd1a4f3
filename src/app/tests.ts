import { randomUUID } from 'node:crypto';
import { createTestPods } from '../adapters/kubernetes/write/test-pods.ts';
import type { Transport } from '../adapters/kubernetes/transport/transport.ts';
import { clusterKeys } from '../adapters/redis/keys.ts';
import { takeLease } from '../adapters/redis/lease.ts';
import type { RedisClient } from '../adapters/redis/redis-client.ts';
import { testPlaces } from '../core/approve/test-rule.ts';
import type { TestRule } from '../core/approve/test-rule.ts';
import type { TestAnswer } from '../core/talk/question.ts';
import { minuteMs } from '../core/units/duration.ts';
import { answerTest } from '../flow/test-kill/answer-test.ts';
import type { TestQuestion } from '../flow/test-kill/answer-test.ts';
import { leftOverMs, runTest } from '../flow/test-kill/run-test.ts';
import type { TestEnd } from '../flow/test-kill/run-test.ts';
import type { WorkerNeeds } from '../flow/worker-needs.ts';
import { every } from './every.ts';
import type { ProcessContext } from './process.ts';
import { wait } from './wait.ts';

const lookEveryMs = 500;
const tidyEveryMs = 10 * minuteMs;

export interface TestsWiring {
  readonly cluster: string;
  readonly redis: RedisClient;
  readonly transport: Transport;
  readonly needs: WorkerNeeds;
  readonly tests: readonly TestRule[];
}

/**
 * `/oom test`, and what a worker that died has left of one. Where the mode is not act, or policy names no namespace for
 * tests, no pod is ever looked at or made.
 */
export function startTests(
  context: ProcessContext,
  { cluster, redis, transport, needs, tests }: TestsWiring,
): (question: TestQuestion, patienceMs: number) => Promise<TestAnswer> {
  const { config, log, stopping } = context;
  const running = new Set<Promise<TestEnd>>();
  context.add({ name: 'tests', stop: async () => void (await Promise.allSettled(running)) });
  const places = needs.policy.mode === 'act' ? testPlaces(tests, cluster) : [];
  if (places.length > 0) {
    const tidying = every(
      tidyEveryMs,
      async () => {
        for (const { namespace } of places) {
          const pods = createTestPods(transport, namespace);
          for (const name of await pods.olderThan(leftOverMs)) await pods.remove(name);
        }
      },
      (error) => log.warn({ error }, 'left-overs of tests not removed'),
    );
    context.add({ name: 'left-overs of tests', stop: tidying.stop });
  }
  return async (question, patienceMs) =>
    answerTest(question, patienceMs, {
      cluster,
      policy: needs.policy,
      tests,
      watched: config.OOMKEEPER_NAMESPACES,
      store: needs.store,
      now: needs.now,
      wait,
      claim: () => takeLease(redis, clusterKeys(cluster).testLease, leftOverMs),
      run: (pod, namespace, news) => {
        const pods = createTestPods(transport, namespace);
        const pace = { lookEveryMs, stayMs: config.timing.testStayMs };
        const one = runTest(pod, { pods, wait, now: () => performance.now(), pace }, { news, signal: stopping });
        running.add(one);
        const gone = (): boolean => running.delete(one);
        one.then(gone, gone);
        return one;
      },
      newId: randomUUID,
      log: needs.log,
    });
}
