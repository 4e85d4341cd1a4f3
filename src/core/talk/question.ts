import { z } from 'zod';
import { alertResults, heardAlertSchema } from './heard-alert.ts';
import { debtRowSchema, memoryPriceSchema } from './answers/debt.ts';
import { topRowSchema } from './top.ts';
import { textBounds } from '../units/text-bounds.ts';

/*
 * What the bot asks the worker of one cluster, because only the worker can see it, and what comes back. A question
 * has a time by which its answer is of use; an asker always gets a `Reply`, if need be that nobody answered.
 * Question and answer travel between processes of possibly different versions: each says what it does not know.
 */

/** Kubernetes' own bound on names. */
const nameSchema = z.string().min(1).max(textBounds.name);

/** More alerts than these are asked about in several questions: each needs reads of the cluster. */
export const mostAlerts = 50;

export const questionSchema = z.discriminatedUnion('ask', [
  /** Who is nearest to the limit; no namespace = all that the worker looks at, no workload = all of them. */
  z.strictObject({
    ask: z.literal('top'),
    namespaces: z.array(nameSchema).max(50),
    workloads: z.array(nameSchema).max(50).optional(),
    limit: z.number().int().min(1).max(100),
  }),
  /** Whose limits and requests are far above their use. */
  z.strictObject({
    ask: z.literal('debt'),
    namespaces: z.array(nameSchema).max(50),
    workloads: z.array(nameSchema).max(50).optional(),
    limit: z.number().int().min(1).max(100),
  }),
  z.strictObject({ ask: z.literal('status') }),
  /** The end of the log of the killed run, as a file. */
  z.strictObject({ ask: z.literal('log'), incident: z.string().min(1).max(40) }),
  /** What Alertmanager told the bot. */
  z.strictObject({ ask: z.literal('alerts'), alerts: z.array(heardAlertSchema).max(mostAlerts) }),
  /** The kill switch: `groups` are those that the person `by` is in. */
  z.strictObject({
    ask: z.literal('pause'),
    want: z.enum(['paused', 'running']),
    by: z.string().min(1),
    groups: z.array(z.string()),
    reason: z.string().max(textBounds.pauseReason).nullable(),
  }),
  /** A pod that is killed once, made by the worker. No namespace = the first that policy names; `name` is shown in the thread. */
  z.strictObject({
    ask: z.literal('test'),
    namespace: nameSchema.nullable(),
    by: z.string().min(1),
    groups: z.array(z.string()),
    name: z.string().max(textBounds.ownerName),
  }),
]);
export type Question = z.infer<typeof questionSchema>;

const topAnswerSchema = z.strictObject({
  to: z.literal('top'),
  rows: z.array(topRowSchema),
  /** How many more could have been shown. */
  more: z.number().int(),
  /** How many running containers were looked at, and how many of them have no limit. */
  containers: z.number().int(),
  withoutLimit: z.number().int(),
  /** Where usage comes from, in words; null when there is none (a note says why). */
  source: z.string().nullable(),
  /** Sentences about what could not be read. */
  notes: z.array(z.string()),
});
export type TopAnswer = z.infer<typeof topAnswerSchema>;

const debtAnswerSchema = z.strictObject({
  to: z.literal('debt'),
  rows: z.array(debtRowSchema),
  /** How many more have debt. */
  more: z.number().int(),
  /** Of all of them, bytes. */
  requestDebtBytes: z.number(),
  limitDebtBytes: z.number(),
  /** Containers of workloads whose use is known, is not (for long enough), and which were left out because of kills. */
  measured: z.number().int(),
  notMeasured: z.number().int(),
  killed: z.number().int(),
  /** What their use is and where it comes from, in words; null when there is none (a note says why). */
  source: z.string().nullable(),
  price: memoryPriceSchema.nullable(),
  /** Sentences about what could not be read. */
  notes: z.array(z.string()),
});
export type DebtAnswer = z.infer<typeof debtAnswerSchema>;

const statusAnswerSchema = z.strictObject({
  to: z.literal('status'),
  mode: z.enum(['observe', 'act']),
  /** ms UTC since when this worker runs. */
  startedAt: z.number(),
  paused: z.strictObject({ by: z.string(), at: z.number(), reason: z.string().nullable() }).nullable(),
  /** Where usage comes from, in words. */
  usage: z.string(),
  /** Namespaces that it is confined to; empty = all. */
  namespaces: z.array(z.string()),
  /** The freezes of policy that hold now, each in the namespaces that these globs fit. A worker of before says none. */
  freezes: z
    .array(z.strictObject({ namespaces: z.array(z.string()), until: z.number(), reason: z.string() }))
    .default([]),
});
export type StatusAnswer = z.infer<typeof statusAnswerSchema>;

const logAnswerSchema = z.discriminatedUnion('is', [
  z.strictObject({
    to: z.literal('log'),
    is: z.literal('found'),
    pod: z.string(),
    container: z.string(),
    /** The newest part, whole lines, at most `mostLogBytes` of UTF-8. */
    text: z.string(),
    /** A sentence about what is not in it; null when there is nothing to say. */
    note: z.string().nullable(),
  }),
  z.strictObject({ to: z.literal('log'), is: z.literal('missing'), reason: z.string() }),
]);
export type LogAnswer = z.infer<typeof logAnswerSchema>;

/** An answer is a value in Redis, so a log in it is bounded. */
export const mostLogBytes = 256 * 1024;

const pauseAnswerSchema = z.strictObject({
  to: z.literal('pause'),
  is: z.enum(['paused', 'running', 'refused']),
  /** A sentence for the person; `{0}` … stand for `people` (their ids). */
  text: z.string(),
  people: z.array(z.string()),
});
export type PauseAnswer = z.infer<typeof pauseAnswerSchema>;

const testAnswerSchema = z.strictObject({
  to: z.literal('test'),
  /** `waiting`: the pod was made and goes on by itself. */
  is: z.enum(['killed', 'waiting', 'not-killed', 'refused']),
  /** A sentence for the person; `{0}` … stand for `people` (their ids). */
  text: z.string(),
  people: z.array(z.string()),
});
export type TestAnswer = z.infer<typeof testAnswerSchema>;

const alertsAnswerSchema = z.strictObject({
  to: z.literal('alerts'),
  /** In the order of the question. */
  alerts: z.array(
    z.strictObject({ fingerprint: z.string(), result: z.enum(alertResults), incident: z.string().nullable() }),
  ),
});
export type AlertsAnswer = z.infer<typeof alertsAnswerSchema>;

const answerSchema = z.union([
  topAnswerSchema,
  debtAnswerSchema,
  statusAnswerSchema,
  logAnswerSchema,
  pauseAnswerSchema,
  testAnswerSchema,
  alertsAnswerSchema,
  /** The question is of another version, or of a form that this worker does not know. */
  z.strictObject({ to: z.literal('unknown-question') }),
  /** It could not be answered; a sentence that says why and what to do. */
  z.strictObject({ to: z.literal('failed'), reason: z.string() }),
]);
/** What a worker may answer. */
export type WorkerAnswer = z.infer<typeof answerSchema>;

/** The answer that belongs to a question. */
export type AnswerTo<Q extends Question> = Extract<WorkerAnswer, { readonly to: Q['ask'] }>;

/** ms that somebody who typed or clicked waits for a worker. */
export const questionDeadlineMs = 10_000;

export type Reply<A> =
  | { readonly is: 'answered'; readonly answer: A }
  | { readonly is: 'no-answer'; readonly why: NoAnswer; readonly sentence: string };

export type NoAnswer = 'nobody' | 'too-many' | 'no-redis' | 'unknown-question' | 'unknown-answer' | 'failed';

/** Why there is no answer, as a sentence for a person. `about` is the worker's version or what it said. */
export function noAnswer(
  cluster: string,
  why: NoAnswer,
  about: string | null,
): Extract<Reply<never>, { is: 'no-answer' }> {
  return { is: 'no-answer', why, sentence: sentenceOf(cluster, why, about) };
}

function sentenceOf(cluster: string, why: NoAnswer, about: string | null): string {
  const version = about === null ? '' : `; it runs version ${about}`;
  switch (why) {
    case 'nobody':
      return `The worker of ${cluster} did not answer within ${questionDeadlineMs / 1000} s. See that it runs; /oom status says when it was last seen.`;
    case 'too-many':
      return `Too many questions wait for the worker of ${cluster} already, so I did not ask it. See that it runs; /oom status says when it was last seen.`;
    case 'no-redis':
      return `I cannot reach Redis at the moment, so I could not ask the worker of ${cluster}. Please try again in a minute.`;
    case 'unknown-question':
      return `The worker of ${cluster} does not know that question${version}. Update the older of the two.`;
    case 'unknown-answer':
      return `The worker of ${cluster} answered in a form that I do not know${version}. Update the older of the two.`;
    case 'failed':
      return `The worker of ${cluster} could not answer: ${about ?? 'it does not say why'}`;
  }
}

/**
 * What became of a question: the answer that belongs to it, or why there is none. `raw` is what the worker sent, of
 * whatever version.
 */
export function readAnswer<Q extends Question>(
  cluster: string,
  question: Q,
  raw: unknown,
  version: string,
): Reply<AnswerTo<Q>> {
  const parsed = answerSchema.safeParse(raw);
  if (!parsed.success) return noAnswer(cluster, 'unknown-answer', version);
  const answer = parsed.data;
  if (answer.to === 'unknown-question') return noAnswer(cluster, 'unknown-question', version);
  if (answer.to === 'failed') return noAnswer(cluster, 'failed', answer.reason);
  return isAnswerTo(question, answer) ? { is: 'answered', answer } : noAnswer(cluster, 'unknown-answer', version);
}

function isAnswerTo<Q extends Question>(question: Q, answer: WorkerAnswer): answer is AnswerTo<Q> {
  return answer.to === question.ask;
}
