import { expect, test } from 'vitest';
import { Failure } from '../../../src/core/failure.ts';
import type { AuditLine } from '../../../src/core/incident/audit.ts';
import { answerTest } from '../../../src/flow/test-kill/answer-test.ts';
import type { AnswerTestNeeds } from '../../../src/flow/test-kill/answer-test.ts';

const question = { ask: 'test' as const, namespace: null, by: 'U0AMIRA', groups: [], name: 'Amira' };
const killed = { is: 'killed' as const, at: null, exitCode: 137, reason: 'OOMKilled', node: 'n1' };
const rule = { who: ['U0AMIRA'], clusters: ['*'], namespaces: ['*'], kinds: [], means: [] };
const never = async (): Promise<never> => Promise.withResolvers<never>().promise;

async function ask(changes: Partial<AnswerTestNeeds>) {
  const recorded: AuditLine[] = [];
  const said = { releases: 0, pods: 0 };
  const run: AnswerTestNeeds['run'] = changes.run ?? (async () => killed);
  const needs: AnswerTestNeeds = {
    cluster: 'prod',
    policy: {
      mode: 'act',
      rules: [{ ...rule, kinds: [], means: [], upTo: null, secondPerson: false, expires: null }],
      freezes: [],
      approvalTtlMs: 1,
      changeTtlMs: 1,
    },
    tests: [{ clusters: ['*'], namespaces: ['try-out'], image: null }],
    watched: [],
    store: { pause: async () => null, record: async (line) => void recorded.push(line) },
    now: async () => 1_000,
    claim: async () => ({ release: async () => void (said.releases += 1) }),
    wait: never,
    newId: () => 'id',
    log: () => undefined,
    ...changes,
    run: (...args) => {
      said.pods += 1;
      return run(...args);
    },
  };
  const { is, text } = await answerTest(question, 5_000, needs);
  return { is, text, ...said, recorded: recorded.map(({ what, by }) => `${what} by ${by}`) };
}

test('it answers at the kill, and not when the pod was removed after it', async () => {
  const answered = await ask({
    run: (_pod, _namespace, news) => {
      news(killed);
      return never();
    },
  });

  expect(answered).toMatchObject({ is: 'killed', pods: 1, recorded: ['test by U0AMIRA'] });
});

test('after a while it says what the pod waits for, and goes on', async () => {
  const late = Promise.withResolvers<undefined>();
  const answered = await ask({
    wait: () => late.promise,
    run: (_pod, _namespace, news) => {
      news({ is: 'waiting', why: 'for a node' });
      late.resolve(undefined);
      return never();
    },
  });

  expect(answered).toMatchObject({
    is: 'waiting',
    text: expect.stringContaining('It still waits for a node.'),
    releases: 0,
  });
});

test.each<[string, AnswerTestNeeds['run'], RegExp]>([
  ['is not killed', async () => ({ is: 'not-killed', why: 'image', words: 'No such image.' }), /No such image/],
  ['is cut short by the end of the worker', async () => ({ is: 'interrupted' }), /The worker was stopped.*Try again/],
  [
    'is refused by a quota',
    () => Promise.reject(new Failure('cluster-forbidden', 'exceeded quota: q')),
    /The ResourceQuota of try-out/,
  ],
  [
    'is forbidden',
    () => Promise.reject(new Failure('cluster-forbidden', 'cannot create resource "pods"')),
    /I lack the right .*components\/tests/,
  ],
])('a test that %s is answered with why, and another one may begin', async (_, run, words) => {
  expect(await ask({ run })).toMatchObject({ is: 'not-killed', text: expect.stringMatching(words), releases: 1 });
});

test('there is one test at a time, and a refused one makes nothing', async () => {
  expect(await ask({ claim: async () => null })).toMatchObject({ is: 'refused', pods: 0, recorded: [] });
  expect(await ask({ tests: [] })).toMatchObject({
    is: 'refused',
    pods: 0,
    recorded: ['refused:nowhere by U0AMIRA'],
  });
});
