import { freezesIn } from '../../core/approve/policy.ts';
import { Failure } from '../../core/failure.ts';
import type { Sampling } from '../../core/evidence/sampled-history.ts';
import { latestTrigger } from '../../core/incident/triggers.ts';
import {
  type WorkerAnswer,
  type LogAnswer,
  type Question,
  questionSchema,
  type StatusAnswer,
} from '../../core/talk/question.ts';
import { clockTime } from '../../core/talk/words.ts';
import { formatDuration } from '../../core/units/duration.ts';
import { answerDebt } from './answer-debt.ts';
import { answerTop } from './answer-top.ts';
import type { QuestionNeeds, UsageSource } from './question-needs.ts';

/** Part of the deadline that is reserved for sending the answer, ms. */
const wayBackMs = 1_000;
const shortestMs = 500;

/**
 * Answers a person's question that the bot passed on, within `leftMs`. Never throws: a failure becomes an answer too,
 * and so does a question that this version does not understand.
 */
export async function answerQuestion(raw: unknown, leftMs: number, needs: QuestionNeeds): Promise<WorkerAnswer> {
  const parsed = questionSchema.safeParse(raw);
  if (!parsed.success) return { to: 'unknown-question' };
  const deadlineMs = Math.max(shortestMs, leftMs - wayBackMs);
  try {
    return await answer(parsed.data, deadlineMs, needs);
  } catch (error) {
    needs.log('warn', 'question not answered', { error, ask: parsed.data.ask });
    return { to: 'failed', reason: error instanceof Failure ? error.message : `an error of its own: ${String(error)}` };
  }
}

async function answer(question: Question, deadlineMs: number, needs: QuestionNeeds): Promise<WorkerAnswer> {
  switch (question.ask) {
    case 'top':
      return answerTop(question, deadlineMs, needs);
    case 'debt':
      return answerDebt(question, deadlineMs, needs);
    case 'status':
      return answerStatus(needs);
    case 'log':
      return answerLog(question.incident, deadlineMs, needs);
    case 'alerts':
      return { to: 'alerts', alerts: [...(await needs.hearAlerts(question.alerts))] };
    case 'pause':
      return needs.pause(question);
    case 'test':
      return needs.test(question, deadlineMs);
  }
}

async function answerStatus(needs: QuestionNeeds): Promise<StatusAnswer> {
  const [pause, sampling] = await Promise.all([needs.store.pause(), needs.sampling()]);
  return {
    to: 'status',
    mode: needs.mode,
    startedAt: needs.startedAt,
    paused: pause === null ? null : { by: pause.by, at: pause.at, reason: pause.reason },
    usage: usageWords(needs.usageSource(), sampling, needs.now()),
    namespaces: [...needs.namespaces],
    freezes: freezesIn(needs.freezes, needs.cluster, needs.now()).map(({ namespaces, until, reason }) => ({
      namespaces: [...namespaces],
      until,
      reason,
    })),
  };
}

/** The log of an incident's newest kill that still has one. */
async function answerLog(incident: string, deadlineMs: number, needs: QuestionNeeds): Promise<LogAnswer> {
  const loaded = await needs.store.load(incident);
  if (loaded === null) return { to: 'log', is: 'missing', reason: `I no longer know ${incident}.` };
  const trigger = latestTrigger(loaded);
  try {
    return await needs.logTail(trigger, deadlineMs);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { to: 'log', is: 'missing', reason: `There is no log to show: ${error.message}.`.replace(/\.\.$/, '.') };
  }
}

/** Where usage comes from, for `/oom status`. */
function usageWords(source: UsageSource, sampling: Sampling | null, now: number): string {
  if (source.is === 'prometheus') return source.words;
  const none = `${source.why} (${source.details})`;
  if (sampling === null) return `${none}, and sampling of metrics.k8s.io has not begun`;
  if (sampling.problem !== null) return `${none}, and ${sampling.problem}`;
  const many = sampling.kept === 1 ? '1 container' : `${sampling.kept} containers`;
  return `metrics.k8s.io, sampled every ${formatDuration(sampling.everyMs)} since ${clockTime(sampling.since, now)}, ${many} at the last look; ${none}`;
}
