import { expect, test } from 'vitest';
import { createAnswers } from '../../../../src/adapters/prometheus/answers.ts';
import type { Series } from '../../../../src/adapters/prometheus/query-range.ts';

const point = { t: 0, v: 1 };

function someSeries(points: number): readonly Series[] {
  return [{ labels: {}, points: Array.from({ length: points }, () => point) }];
}

function asked() {
  const clock = { at: 0 };
  const questions: string[] = [];
  const answers = createAnswers(() => clock.at);
  const ask = (name: string, points = 10) =>
    answers.to(name, () => {
      questions.push(name);
      return Promise.resolve(someSeries(points));
    });
  return { clock, questions, ask, answers };
}

test('what was asked a moment ago is not asked again, and after a minute it is', async () => {
  const { clock, questions, ask } = asked();

  await ask('a');
  clock.at = 59_000;
  const again = await ask('a');
  await ask('b');
  clock.at = 60_000;
  await ask('a');

  expect(again[0]?.points).toHaveLength(10);
  expect(questions).toEqual(['a', 'b', 'a']);
});

test('the oldest answers make room, and one that is too large is not kept', async () => {
  const { questions, ask } = asked();

  await ask('large', 60_000);
  for (const name of ['a', 'b', 'c']) await ask(name, 20_000);
  for (const name of ['c', 'b', 'a', 'large']) await ask(name, name === 'large' ? 60_000 : 20_000);

  expect(questions).toEqual(['large', 'a', 'b', 'c', 'a', 'large']);
});

test('a failure is not remembered', async () => {
  const { questions, ask, answers } = asked();
  const failed = answers.to('a', () => Promise.reject(new Error('down')));

  await expect(failed).rejects.toThrow('down');
  await ask('a');

  expect(questions).toEqual(['a']);
});
