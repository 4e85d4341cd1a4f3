import { UnrecoverableError } from 'bullmq';
import { z } from 'zod';
import type { WorkerAnswer } from '../../../core/talk/question.ts';
import { bounds as usualBounds, type Bounds } from '../bounds.ts';
import { redisNow } from '../connection.ts';
import { clusterKeys, clusterTag } from '../keys.ts';
import { questionJobSchema } from './questions.ts';
import { runQueueWorker, type RunningWorker, type WorkerOptions } from './queue-worker.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';

export interface QuestionWorkerOptions extends WorkerOptions {
  readonly cluster: string;
  /** Role `store`: writes the replies. */
  readonly store: RedisClient;
  /** Version of this program, sent along with every reply. */
  readonly version: string;
  /** Answers within `leftMs`; the question may be of another version. What it throws goes to `onError`. */
  readonly answer: (question: unknown, leftMs: number) => Promise<WorkerAnswer>;
  readonly bounds?: Pick<Bounds, 'replyMs'>;
}

/** Answers the questions about one cluster. One that nobody waits for any more is dropped, as after a long stop. */
export function runQuestionWorker(options: QuestionWorkerOptions): RunningWorker {
  const { store, version, answer, cluster, bounds = usualBounds } = options;
  const keys = clusterKeys(cluster);
  return runQueueWorker({
    ...options,
    queue: 'questions',
    prefix: clusterTag(cluster),
    process: async (data) => {
      const parsed = questionJobSchema.safeParse(data);
      if (!parsed.success) throw new UnrecoverableError(`a question cannot be read: ${z.prettifyError(parsed.error)}`);
      const { id, until, question } = parsed.data;
      const leftMs = until - (await redisNow(store));
      if (leftMs <= 0) return;
      const reply = JSON.stringify({ version, answer: await answer(question, leftMs) });
      await guarded(store.set(keys.reply(id), reply, 'PX', bounds.replyMs));
    },
  });
}
