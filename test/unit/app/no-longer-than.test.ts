import { expect, test } from 'vitest';
import { noLongerThan } from '../../../src/app/no-longer-than.ts';

test('work that ends in time is waited for, and what it throws is thrown', async () => {
  const late: unknown[] = [];
  const fails = noLongerThan(1_000, Promise.reject(new Error('at once')), (error) => late.push(error));

  await noLongerThan(1_000, Promise.resolve(), (error) => late.push(error));

  await expect(fails).rejects.toThrow('at once');
  expect(late).toEqual([]);
});

test('work that takes longer goes on by itself, and what it throws then is told', async () => {
  const { promise, reject } = Promise.withResolvers<void>();
  const late: unknown[] = [];

  await noLongerThan(5, promise, (error) => late.push(error));
  reject(new Error('later'));

  await expect.poll(() => late, { interval: 1 }).toMatchObject([{ message: 'later' }]);
});
