import { expect, test } from 'vitest';
import { Failure } from '../../../../src/core/failure.ts';
import { createRetries } from '../../../../src/flow/show/retries.ts';

const place = { id: 'INC-7F3K', channel: 'C1' };
const late = new Failure('chat-timeout', 'Slack did not answer.', { retry: 'backoff' });
const archived = new Failure('chat-archived', 'The channel is archived.', { retry: 'backoff' });

/** Retries with a clock that a test moves; `fail` answers with the ms until the next try. */
function open() {
  let now = 1_000_000;
  let told = 0;
  const retries = createRetries(async () => now, { retryMs: 1_000, deadChannelMs: 60_000 });
  const fail = async (failure: unknown = late): Promise<number> =>
    (await retries.next(place, failure, () => {
      told += 1;
    })) - now;
  return {
    retries,
    fail,
    told: () => told,
    pass: (ms: number): void => {
      now += ms;
    },
  };
}

test('each failure in a row doubles the pause, up to 64 times as long', async () => {
  const { fail, pass } = open();
  const pauses: number[] = [];

  for (let count = 0; count < 9; count += 1) {
    pauses.push(await fail());
    pass(pauses.at(-1) ?? 0);
  }

  expect(pauses.map((ms) => ms / 1_000)).toEqual([1, 2, 4, 8, 16, 32, 64, 64, 64]);
});

test('the pause is as long as Slack asks for', async () => {
  const { fail } = open();

  expect(await fail(new Failure('chat-look-limited', 'Fewer.', { retry: { afterMs: 30_000 } }))).toBe(30_000);
});

test('news in a pause makes one more try and no longer pause', async () => {
  const { fail, pass } = open();
  await fail();
  pass(400);

  const early = [await fail(), await fail(), await fail()];
  pass(600);

  expect(early).toEqual([600, 600, 600]);
  expect(await fail()).toBe(2_000);
});

test('what went well begins anew', async () => {
  const { fail, pass, retries } = open();
  await fail();
  pass(1_000);
  await fail();

  retries.succeeded(place);

  expect(await fail()).toBe(1_000);
});

test('a channel that cannot be written to is told once and tried again after a minute', async () => {
  const { fail, pass, told } = open();

  const first = await fail(archived);
  pass(first);
  const second = await fail(archived);

  expect([first, second, told()]).toEqual([60_000, 60_000, 1]);
});

test('a failure of Redis is for the caller', async () => {
  const { fail } = open();

  await expect(fail(new Failure('redis-unreachable', 'Redis is down.'))).rejects.toMatchObject({
    code: 'redis-unreachable',
  });
});
