import { expect, test } from 'vitest';
import { Failure } from '../../../src/core/failure.ts';
import { createHomeRefresh, type RefreshNeeds } from '../../../src/flow/home/refresh-homes.ts';

function refreshing(changes: Partial<RefreshNeeds> = {}) {
  let now = 0;
  const shown: string[] = [];
  const troubles: unknown[] = [];
  const refresh = createHomeRefresh({
    homes: { fresh: async () => ['UAMIRA', 'USAM', 'ULENA'] },
    show: async (user) => {
      shown.push(user);
      return 'sent';
    },
    clock: () => now,
    rate: { burst: 2, perSecond: 1 },
    trouble: (failure) => void troubles.push(failure),
    ...changes,
  });
  return { refresh, shown, troubles, pass: (ms: number) => void (now += ms) };
}

test('without news nobody is looked at, but for once a minute', async () => {
  const { refresh, shown, pass } = refreshing();

  await refresh.tick();
  pass(59_000);
  await refresh.tick();
  expect(shown).toEqual([]);
  pass(1_000);
  await refresh.tick();

  expect(shown).toEqual(['UAMIRA', 'USAM']);
});

test('whom the chat has no call left for has a turn later, each once', async () => {
  const { refresh, shown, pass } = refreshing();
  refresh.changed();

  await refresh.tick();
  await refresh.tick();
  expect(shown).toEqual(['UAMIRA', 'USAM']);
  pass(1_000);
  await refresh.tick();
  pass(1_000);
  await refresh.tick();

  expect(shown).toEqual(['UAMIRA', 'USAM', 'ULENA']);
});

test('after a refusal for being too fast nothing is sent for as long as the chat asks', async () => {
  let refusals = 1;
  const sent: string[] = [];
  const { refresh, pass, troubles } = refreshing({
    show: async (user) => {
      refusals -= 1;
      if (refusals >= 0)
        throw new Failure('chat-rate-limited', 'Slack asks for fewer calls.', { retry: { afterMs: 5_000 } });
      sent.push(user);
      return 'sent';
    },
  });
  refresh.changed();

  await refresh.tick();
  pass(4_000);
  await refresh.tick();
  expect(sent).toEqual([]);
  pass(1_000);
  await refresh.tick();

  expect(sent).toHaveLength(2);
  expect(troubles).toHaveLength(1);
});

test('somebody who is gone keeps nobody else from theirs, and is not tried again', async () => {
  const tried: string[] = [];
  const { refresh, troubles } = refreshing({
    rate: { burst: 10, perSecond: 10 },
    show: async (user) => {
      tried.push(user);
      if (user === 'UAMIRA') throw new Failure('chat-not-a-member', 'There is no such person.');
      return 'same';
    },
  });
  refresh.changed();

  await refresh.tick();
  await refresh.tick();

  expect(tried).toEqual(['UAMIRA', 'USAM', 'ULENA']);
  expect(troubles).toHaveLength(1);
});
