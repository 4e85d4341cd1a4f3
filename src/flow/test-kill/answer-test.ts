import { mayTest } from '../../core/approve/may-test.ts';
import type { TestConditions } from '../../core/approve/may-test.ts';
import { Failure } from '../../core/failure.ts';
import type { Question, TestAnswer } from '../../core/talk/question.ts';
import { refusedWords } from '../../core/test-kill/refused-words.ts';
import { testName } from '../../core/test-kill/test-name.ts';
import { testPod, usualTestImage } from '../../core/test-kill/test-pod.ts';
import type { TestPod } from '../../core/test-kill/test-pod.ts';
import type { Wait } from '../held-lease.ts';
import type { Now, Store } from '../needs.ts';
import type { Log } from '../worker-needs.ts';
import type { TestEnd, TestNews } from './run-test.ts';

export type TestQuestion = Extract<Question, { ask: 'test' }>;

interface Claim {
  readonly release: () => Promise<void>;
}

export interface AnswerTestNeeds extends Omit<TestConditions, 'pause' | 'now'> {
  readonly store: Pick<Store, 'pause' | 'record'>;
  readonly now: Now;
  /** One test at a time in a cluster, however many workers it has; null while there is one. */
  readonly claim: () => Promise<Claim | null>;
  readonly wait: Wait;
  /** Makes the pod, follows it and removes it; the promise is kept by whoever stops the worker too. */
  readonly run: (pod: TestPod, namespace: string, news: (news: TestNews) => void) => Promise<TestEnd>;
  /** Something that is new each time. */
  readonly newId: () => string;
  readonly log: Log;
}

/**
 * `/oom test`: makes one pod that is killed once, if this person may have that and none is being made. Answers when it was
 * killed or cannot be, or after `patienceMs` with what it waits for; then it goes on by itself. Each refusal and each test
 * is in the audit record. What is refused by the cluster becomes an answer too.
 */
export async function answerTest(
  question: TestQuestion,
  patienceMs: number,
  needs: AnswerTestNeeds,
): Promise<TestAnswer> {
  const { cluster, store } = needs;
  const at = await needs.now();
  const may = mayTest(question, { ...needs, pause: await store.pause(), now: at });
  if (!may.may) {
    await keepRecord(question, needs, `refused:${may.reason}`, may.text);
    return { to: 'test', is: 'refused', text: may.text, people: [...may.people] };
  }
  const { namespace } = may;
  const claim = await needs.claim();
  if (claim === null)
    return answer(
      'refused',
      `A test in ${cluster} is under way already. Look at its thread, and try again in a minute.`,
    );
  const name = testName(needs.newId());
  const by = `${question.name} (/oom test)`;
  const pod = testPod({ name, namespace, image: may.image ?? usualTestImage, by });
  const killed = Promise.withResolvers<TestAnswer>();
  let waits = 'It was not made yet.';
  const news = (one: TestNews): void => {
    if (one.is === 'waiting') waits = `It still waits ${one.why}.`;
    if (one.is === 'running') waits = 'It runs.';
    if (one.is === 'killed') killed.resolve(killedAnswer(name, namespace));
    if (one.is === 'left') needs.log('warn', 'pod of a test not removed', { pod: name, namespace, error: one.failure });
  };
  const ended = toItsEnd(pod, { question, namespace, claim, news }, needs);
  const answered = new AbortController();
  const late = needs.wait(patienceMs, answered.signal).then(() => {
    const more = 'Its thread comes with its kill. A pod that is not killed within four minutes is removed without one.';
    return answer('waiting', `Pod ${name} in ${namespace} is not killed yet. ${waits} ${more}`);
  });
  try {
    return await Promise.race([killed.promise, ended, late]);
  } finally {
    answered.abort();
  }
}

interface Making {
  readonly question: TestQuestion;
  readonly namespace: string;
  readonly claim: Claim;
  readonly news: (news: TestNews) => void;
}

/** Never throws: nobody may be waiting any more. */
async function toItsEnd(
  pod: TestPod,
  { question, namespace, claim, news }: Making,
  needs: AnswerTestNeeds,
): Promise<TestAnswer> {
  const { name } = pod.metadata;
  try {
    await keepRecord(question, needs, 'test', `pod ${namespace}/${name}`);
    const end = await needs.run(pod, namespace, news);
    if (end.is === 'killed') return killedAnswer(name, namespace);
    const words = end.is === 'interrupted' ? 'The worker was stopped, and the test with it. Try again.' : end.words;
    needs.log('warn', 'test without a kill', { pod: name, namespace, words });
    return answer('not-killed', words);
  } catch (error) {
    needs.log('warn', 'test failed', { pod: name, namespace, error });
    return answer('not-killed', failedWords(error, namespace));
  } finally {
    await claim.release().catch((error: unknown) => needs.log('warn', 'claim of a test not released', { error }));
  }
}

function killedAnswer(name: string, namespace: string): TestAnswer {
  return answer('killed', `Pod ${name} in ${namespace} was killed. Its thread says that it is a test.`);
}

function answer(is: TestAnswer['is'], text: string): TestAnswer {
  return { to: 'test', is, text, people: [] };
}

function failedWords(error: unknown, namespace: string): string {
  if (!(error instanceof Failure))
    return 'The pod could not be made, by an error of mine. The log of the worker has it.';
  const words = refusedWords(error, namespace);
  if (words !== null) return words;
  if (error.code !== 'cluster-forbidden') return `The pod could not be made or looked at: ${error.message}`;
  return `I lack the right to make, look at and delete pods in ${namespace}; tests.namespace of the chart gives it, or deploy/kubernetes/components/tests. ${error.message}`;
}

async function keepRecord(
  { by }: TestQuestion,
  { store, cluster, log, now }: AnswerTestNeeds,
  what: string,
  text: string,
): Promise<void> {
  log('info', 'test asked for', { what, by });
  const at = await now();
  await store.record({ at, cluster, incident: null, subject: cluster, what, plan: null, by, text, result: null });
}
