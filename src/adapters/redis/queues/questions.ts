import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Failure } from '../../../core/failure.ts';
import {
  type AnswerTo,
  noAnswer,
  type Question,
  questionDeadlineMs,
  readAnswer,
  type Reply,
  type WorkerAnswer,
} from '../../../core/talk/question.ts';
import { bounds as usualBounds, type Bounds } from '../bounds.ts';
import { redisNow } from '../connection.ts';
import { clusterKeys, clusterTag } from '../keys.ts';
import {
  createProducer,
  queuePrefix,
  refusal,
  runQueueWorker,
  type RunningWorker,
  type WorkerOptions,
} from './queue.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded, withDeadline } from '../redis-failure.ts';

/*
 * A question is a job, its reply a key that the asker polls. A queue event or a pub/sub message would be lost with its
 * connection; a key is still there when Redis is back, and waiting for it needs no extra connection.
 */

/** A job of `questions`. The question itself is parsed by the worker, because it may be of another version. */
export const questionJobSchema = z.looseObject({
  id: z.string().min(1),
  /** ms by Redis' clock; nobody waits longer than that. */
  until: z.number(),
  question: z.unknown(),
});

/** The content of the reply's key. */
const replySchema = z.looseObject({ version: z.string(), answer: z.unknown() });

/** Asks the worker of one cluster. */
export interface Questions {
  /** Always resolves, at the latest a little after `deadlineMs` (10 s by default). */
  readonly ask: <Q extends Question>(question: Q, deadlineMs?: number) => Promise<Reply<AnswerTo<Q>>>;
  readonly close: () => Promise<void>;
}

export interface QuestionsOptions {
  /** Role `store`: reads the replies. */
  readonly redis: RedisClient;
  /** Role `producer`. */
  readonly producer: RedisClient;
  readonly cluster: string;
  readonly bounds?: Pick<Bounds, 'questions'>;
}

/** With little time left, a slow last read must not be mistaken for an unreachable Redis. */
const shortestWaitMs = 500;
const firstPauseMs = 15;
const longestPauseMs = 150;

export function createQuestions({ redis, producer, cluster, bounds = usualBounds }: QuestionsOptions): Questions {
  const queue = createProducer({ redis: producer, queue: 'questions', cluster });
  const keys = clusterKeys(cluster);
  const waiting = `${queuePrefix('questions', cluster)}:questions:wait`;

  async function send(question: Question, endsAt: number): Promise<string | null> {
    // Without a worker for days the queue would grow with each question.
    if ((await guarded(producer.llen(waiting))) >= bounds.questions) return null;
    const id = randomUUID();
    const now = await redisNow(producer);
    const leftMs = Math.max(1, Math.round(endsAt - performance.now()));
    await queue.add({ id, until: now + leftMs, question }, { attempts: 1 }, Math.min(leftMs, 3_000));
    return id;
  }

  async function waitFor(id: string, endsAt: number): Promise<z.infer<typeof replySchema> | 'nobody' | 'no-redis'> {
    let isUnreachable = false;
    for (let pauseMs = firstPauseMs; performance.now() < endsAt; pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
      await sleep(pauseMs);
      try {
        const json = await withDeadline(
          guarded(redis.get(keys.reply(id))),
          Math.max(shortestWaitMs, endsAt - performance.now()),
        );
        isUnreachable = false;
        if (json !== null) return readReply(json);
      } catch (failure) {
        if (!(failure instanceof Failure)) throw failure;
        isUnreachable = true;
      }
    }
    return isUnreachable ? 'no-redis' : 'nobody';
  }

  return {
    ask: async (question, deadlineMs = questionDeadlineMs) => {
      const endsAt = performance.now() + deadlineMs;
      let id: string | null;
      try {
        id = await send(question, endsAt);
      } catch (failure) {
        if (!(failure instanceof Failure)) throw failure;
        return noAnswer(cluster, 'no-redis', null);
      }
      if (id === null) return noAnswer(cluster, 'too-many', null);
      const reply = await waitFor(id, endsAt);
      if (reply === 'nobody' || reply === 'no-redis') return noAnswer(cluster, reply, null);
      redis.unlink(keys.reply(id)).catch(() => undefined);
      return readAnswer(cluster, question, reply.answer, reply.version);
    },
    close: queue.close,
  };
}

function readReply(json: string): z.infer<typeof replySchema> {
  try {
    const parsed = replySchema.safeParse(JSON.parse(json));
    if (parsed.success) return parsed.data;
  } catch {
    return { version: 'unknown', answer: null };
  }
  return { version: 'unknown', answer: null };
}

export interface QuestionWorkerOptions extends WorkerOptions {
  readonly cluster: string;
  /** Role `store`: writes the replies. */
  readonly store: RedisClient;
  /** Version of this program, sent with each reply. */
  readonly version: string;
  /** Answers within `leftMs`; the question may be of another version. What it throws goes to `onError`. */
  readonly answer: (question: unknown, leftMs: number) => Promise<WorkerAnswer>;
  readonly bounds?: Pick<Bounds, 'replyMs'>;
}

/** Answers the questions about one cluster. Questions past their deadline are dropped. */
export function runQuestionWorker(options: QuestionWorkerOptions): RunningWorker {
  const { store, version, answer, cluster, bounds = usualBounds } = options;
  const keys = clusterKeys(cluster);
  return runQueueWorker({
    ...options,
    queue: 'questions',
    prefix: clusterTag(cluster),
    process: async (data) => {
      const parsed = questionJobSchema.safeParse(data);
      if (!parsed.success)
        throw refusal(new Failure('unreadable-job', `A question cannot be read: ${z.prettifyError(parsed.error)}`));
      const { id, until, question } = parsed.data;
      const leftMs = until - (await redisNow(store));
      if (leftMs <= 0) return;
      const reply = JSON.stringify({ version, answer: await answer(question, leftMs) });
      await guarded(store.set(keys.reply(id), reply, 'PX', bounds.replyMs));
    },
  });
}
