import { expect, test } from 'vitest';
import { noAnswer, questionSchema, readAnswer } from '../../../../src/core/talk/question.ts';

const status = { ask: 'status' } as const;
const said = { to: 'status', mode: 'act', startedAt: 1, paused: null, usage: 'none', namespaces: [], freezes: [] };

test('an answer of the form that was asked for is an answer', () => {
  expect(readAnswer('prod', status, said, '1.2.0')).toEqual({ is: 'answered', answer: said });
});

test('a worker of before knows no freezes', () => {
  const { freezes: _freezes, ...before } = said;

  expect(readAnswer('prod', status, before, '0.1.0')).toEqual({ is: 'answered', answer: said });
});

test.each([
  [{ to: 'unknown-question' }, 'unknown-question', 'does not know that question; it runs version 1.2.0'],
  [{ to: 'status', mode: 'sleep' }, 'unknown-answer', 'in a form that I do not know; it runs version 1.2.0'],
  [{ to: 'log', is: 'missing', reason: 'it is gone' }, 'unknown-answer', 'in a form that I do not know'],
  [null, 'unknown-answer', 'in a form that I do not know'],
  [{ to: 'failed', reason: 'the API server is away.' }, 'failed', 'could not answer: the API server is away.'],
])('%o is told as a sentence', (raw, why, sentence) => {
  const reply = readAnswer('prod', status, raw, '1.2.0');

  expect(reply).toMatchObject({ is: 'no-answer', why, sentence: expect.stringContaining(sentence) });
});

test('who does not answer is named, with where to look', () => {
  expect(noAnswer('prod', 'nobody', null).sentence).toBe(
    'The worker of prod did not answer within 10 s. See that it runs; /oom status says when it was last seen.',
  );
  expect(noAnswer('prod', 'no-redis', null).sentence).toContain('I cannot reach Redis');
});

test.each([
  [{ ask: 'trend' }],
  [{ ask: 'top' }],
  [{ ask: 'top', namespaces: [''], limit: 15 }],
  [{ ask: 'top', namespaces: [], limit: 1_000_000 }],
  [{ ask: 'status', more: 1 }],
  [{ ask: 'pause', want: 'off', by: 'U1', groups: [], reason: null }],
  ['top'],
  [null],
])('%o is no question', (raw) => {
  expect(questionSchema.safeParse(raw).success).toBe(false);
});
