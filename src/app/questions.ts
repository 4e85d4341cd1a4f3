import { readMetrics } from '../adapters/kubernetes/read/metrics-api.ts';
import { readContainers } from '../adapters/kubernetes/read/read-containers.ts';
import { readLogTail } from '../adapters/kubernetes/read/log/read-log-tail.ts';
import type { Transport } from '../adapters/kubernetes/transport/transport.ts';
import { readUsageNow, readUsagePeaks } from '../adapters/prometheus/usage-now.ts';
import { countKills } from '../adapters/redis/store/kill-counts.ts';
import { runQuestionWorker } from '../adapters/redis/queues/questions.ts';
import { ownVersion } from '../adapters/own-version.ts';
import type { RedisClient } from '../adapters/redis/redis-client.ts';
import type { Store } from '../flow/needs.ts';
import { answerQuestion } from '../flow/answer/answer-question.ts';
import type { QuestionNeeds } from '../flow/answer/question-needs.ts';
import { jobFailed } from './process.ts';
import type { ProcessContext } from './process.ts';
import type { UsageRunning } from './usage.ts';

const questionConcurrency = 4;

export interface QuestionsWiring {
  readonly cluster: string;
  /** Role `store`. */
  readonly redis: RedisClient;
  /** Role `worker`. */
  readonly queues: RedisClient;
  readonly transport: Transport;
  readonly store: Store;
  readonly usage: UsageRunning;
  readonly memoryPrice: QuestionNeeds['memoryPrice'];
  readonly freezes: QuestionNeeds['freezes'];
  readonly pause: QuestionNeeds['pause'];
  readonly test: QuestionNeeds['test'];
  readonly hearAlerts: QuestionNeeds['hearAlerts'];
}

/** Answers people's questions that only this worker can answer. */
export function answerQuestions(context: ProcessContext, wiring: QuestionsWiring): void {
  const { config, log } = context;
  const { cluster, redis, queues, transport, store, usage, memoryPrice, freezes, pause, test, hearAlerts } = wiring;
  const needs: QuestionNeeds = {
    cluster,
    mode: config.OOMKEEPER_MODE,
    namespaces: config.OOMKEEPER_NAMESPACES,
    startedAt: Date.now(),
    store,
    containers: (namespaces, deadlineMs) => readContainers(transport, namespaces, deadlineMs),
    settledMs: config.timing.forecastSettledMs,
    usageSource: usage.source,
    prometheusNow: (url, namespaces, deadlineMs) => readUsageNow(url, namespaces, { deadlineMs }),
    prometheusPeaks: (url, namespaces, deadlineMs) => readUsagePeaks(url, namespaces, { deadlineMs }),
    memoryPrice,
    freezes,
    metricsNow: (namespaces, deadlineMs) => readMetrics(transport, namespaces, deadlineMs),
    samples: usage.samples.read,
    sampling: usage.samples.sampling,
    killCounts: (subjects) => countKills(redis, cluster, subjects),
    logTail: (kill, deadlineMs) => readLogTail(transport, kill, deadlineMs),
    pause,
    test,
    hearAlerts,
    now: Date.now,
    log: (level, message, fields) => log[level](fields ?? {}, message),
  };
  const worker = runQuestionWorker({
    redis: queues,
    store: redis,
    cluster,
    version: ownVersion,
    concurrency: questionConcurrency,
    lockDuration: config.timing.lockMs,
    stalledInterval: config.timing.lockMs / 2,
    onError: jobFailed(context),
    answer: (question, leftMs) => answerQuestion(question, leftMs, needs),
  });
  context.add({ name: 'question worker', stop: () => worker.close() });
}
