import { expect, test } from 'vitest';
import { Failure } from '../../../../src/core/failure.ts';
import { createFlood, type Flood } from '../../../../src/flow/show/flood.ts';
import { type ChannelQueues, createChannelQueues } from '../../../../src/flow/show/channel-queues.ts';
import type { Lease } from '../../../../src/flow/held-lease.ts';
import { slackRates } from '../../../../src/adapters/slack/slack-rates.ts';

interface Bench {
  readonly flood: Flood;
  readonly queues: ChannelQueues;
  readonly posted: string[];
  readonly later: (ms: number) => void;
  /** Lets somebody send; until then everything waits. */
  readonly begin: () => void;
  readonly first: (name: string, channel?: string) => Promise<string>;
}

function bench(after: number): Bench {
  let time = 0;
  const begun = Promise.withResolvers<void>();
  const lease = async (): Promise<Lease> => {
    await begun.promise;
    return { extend: async () => true, release: async () => undefined };
  };
  const clock = {
    now: () => time,
    wait: async (ms: number) => {
      await Promise.resolve();
      time += ms;
    },
  };
  const queues = createChannelQueues({
    lease,
    clock,
    rates: slackRates,
    leaseMs: 20_000,
    leaseRetryMs: 50,
    patienceMs: 1_000,
  });
  const flood = createFlood({ queues, clock, after, lastsMs: 3_000 });
  const posted: string[] = [];
  return {
    flood,
    queues,
    posted,
    later: (ms) => {
      time += ms;
    },
    begin: begun.resolve,
    first: async (name, channel = 'C1') =>
      flood.first(channel, async () => {
        posted.push(name);
        return 'posted';
      }),
  };
}

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `root-${at}`);

test('the sixth that waits takes all six out of the queue, and what comes within the next moment does not enter it', async () => {
  const { first, begin, posted, queues } = bench(5);

  const waiting = names(6).map(async (name) => first(name));
  const soon = first('soon');
  begin();

  expect(await Promise.all([...waiting, soon])).toEqual(Array.from({ length: 7 }, () => 'flooded'));
  expect(posted).toEqual([]);
  await queues.close();
});

test('five that wait are posted, and so is what comes after a flood', async () => {
  const { first, begin, posted, later, queues } = bench(5);

  const five = names(5).map(async (name) => first(name));
  begin();
  await Promise.all(five);
  await Promise.all(names(6).map(async (name) => first(name, 'C2')));
  later(3_001);
  await first('after', 'C2');

  expect(posted).toEqual([...names(5), 'after']);
  await queues.close();
});

test('a root whose turn has come does not count and is not taken back', async () => {
  const { queues, flood, begin, posted, first } = bench(2);
  const underWay = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const one = flood.first('C1', async () => {
    started.resolve();
    await underWay.promise;
    return 'posted';
  });
  begin();
  await started.promise;

  const others = names(3).map(async (name) => first(name));
  underWay.resolve();

  expect(await one).toBe('posted');
  expect(await Promise.all(others)).toEqual(['flooded', 'flooded', 'flooded']);
  expect(posted).toEqual([]);
  await queues.close();
});

test('channels do not add up, and 0 folds nothing', async () => {
  const apart = bench(2);
  const never = bench(0);

  const answers = ['C1', 'C2', 'C3'].flatMap((channel) => names(2).map(async (name) => apart.first(name, channel)));
  const all = names(20).map(async (name) => never.first(name));
  apart.begin();
  never.begin();

  expect(new Set(await Promise.all(answers))).toEqual(new Set(['posted']));
  expect(new Set(await Promise.all(all))).toEqual(new Set(['posted']));
  expect([apart.flood.isOff, never.flood.isOff]).toEqual([false, true]);
  await apart.queues.close();
  await never.queues.close();
});

test('a failed post reaches who asked for it and no longer counts', async () => {
  const { flood, first, begin, queues } = bench(1);
  const fails = flood.first('C1', async () => Promise.reject(new Failure('chat-timeout', 'late')));
  begin();

  await expect(fails).rejects.toMatchObject({ code: 'chat-timeout' });

  expect(await first('next')).toBe('posted');
  await queues.close();
});
