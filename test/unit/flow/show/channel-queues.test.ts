import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Failure } from '../../../../src/core/failure.ts';
import { type Clock, createChannelQueues, type ChannelQueues } from '../../../../src/flow/show/channel-queues.ts';
import type { Lease } from '../../../../src/flow/held-lease.ts';
import { slackRates } from '../../../../src/adapters/slack/slack-rates.ts';

interface Bench {
  readonly queues: ChannelQueues;
  readonly now: () => number;
  /** Lets so many ms go by. */
  readonly wait: (ms: number) => Promise<void>;
  /** `name@ms` of each call, in order. */
  readonly made: string[];
  readonly call: (name: string) => () => Promise<void>;
}

/** Queues on a clock that jumps to the end of whatever is waited for, so that pacing takes no time. */
function bench(lease: (channel: string) => Promise<Lease | null> = async () => freeLease()): Bench {
  let time = 0;
  const clock: Clock = {
    now: () => time,
    wait: async (ms, signal) => {
      await nextTurn();
      if (!signal.aborted) time += ms;
    },
  };
  const made: string[] = [];
  const options = { clock, rates: slackRates, leaseMs: 20_000, leaseRetryMs: 50, patienceMs: 1_000 };
  return {
    queues: createChannelQueues({ ...options, lease }),
    now: clock.now,
    wait: async (ms) => clock.wait(ms, new AbortController().signal),
    made,
    call: (name) => async () => {
      made.push(`${name}@${time}`);
    },
  };
}

function freeLease(): Lease {
  return { extend: async () => true, release: async () => undefined };
}

test('a queue makes about one post a second and lets first messages and answers pass', async () => {
  const { queues, made, call } = bench();

  await Promise.all([
    queues.run('C1', 'first', call('root-a')),
    queues.run('C1', 'reply', call('reply-a')),
    queues.run('C1', 'edit', call('edit-a')),
    queues.run('C1', 'first', call('root-b')),
    queues.run('C1', 'answer', call('answer')),
  ]);

  expect(made).toEqual(['root-a@0', 'answer@0', 'edit-a@0', 'root-b@1000', 'reply-a@3000']);
  await queues.close();
});

test('channels do not wait for each other', async () => {
  const { queues, made, call } = bench();

  await Promise.all(['C1', 'C2', 'C3'].map(async (channel) => queues.run(channel, 'first', call(channel))));

  expect(made).toEqual(['C1@0', 'C2@0', 'C3@0']);
  await queues.close();
});

test('a 429 holds its kind back for as long as Slack asks, and the call is made again', async () => {
  const { queues, made, now } = bench();
  let refused = false;

  const answer = await queues.run('C1', 'first', async () => {
    made.push(`root@${now()}`);
    if (refused) return 'sent';
    refused = true;
    throw new Failure('chat-rate-limited', 'fewer', { retry: { afterMs: 7_000 } });
  });

  expect(answer).toBe('sent');
  expect(made).toEqual(['root@0', 'root@7000']);
  await queues.close();
});

test('other failures reach who asked, and the queue goes on', async () => {
  const { queues, made, call } = bench();
  const failing = queues.run('C1', 'first', async () => Promise.reject(new Failure('chat-timeout', 'late')));
  const next = queues.run('C1', 'first', call('next'));

  await expect(failing).rejects.toMatchObject({ code: 'chat-timeout' });
  await next;

  expect(made).toHaveLength(1);
  await queues.close();
});

test('a channel that another bot keeps is given up after a while', async () => {
  const { queues, call } = bench(async () => null);

  await expect(queues.run('C1', 'first', call('root'))).rejects.toMatchObject({ code: 'channel-taken' });

  await queues.close();
});

test('a lost lease is taken again before the next call', async () => {
  let leases = 0;
  const { queues, made, call } = bench(async () => {
    leases += 1;
    return { extend: async () => false, release: async () => undefined };
  });

  await Promise.all(Array.from({ length: 12 }, async (_, at) => queues.run('C1', 'first', call(`root-${at}`))));

  expect(made).toHaveLength(12);
  expect(leases).toBeGreaterThan(1);
  await queues.close();
});

test('closed queues refuse what waits and what comes', async () => {
  const { queues, call } = bench(async () => null);
  const [waiting] = await Promise.all([Promise.allSettled([queues.run('C1', 'first', call('root'))]), queues.close()]);

  expect(waiting).toMatchObject([{ status: 'rejected', reason: { code: 'queues-closed' } }]);
  await expect(queues.run('C1', 'first', call('late'))).rejects.toMatchObject({ code: 'queues-closed' });
});

test('a call that is taken back before its turn is not made, and one whose turn has come is', async () => {
  const { queues, made, call } = bench();
  const [first, second] = [new AbortController(), new AbortController()];
  const started = queues.run('C1', 'first', async () => first.abort(), first.signal);
  const waiting = queues.run('C1', 'first', call('second'), second.signal);
  const last = queues.run('C1', 'first', call('last'));

  second.abort();

  await expect(waiting).rejects.toMatchObject({ code: 'turn-left' });
  await Promise.all([started, last]);
  expect(made).toEqual(['last@1000']);
  await queues.close();
});

test('a call that took longer than the lease since its turn began may not send any more, and the next one may', async () => {
  const { queues, wait } = bench();
  const turn =
    (asleepMs: number) =>
    async (mustHold: () => void): Promise<string> => {
      await wait(asleepMs);
      mustHold();
      return 'sent';
    };

  const soon = await queues.run('C1', 'first', turn(19_000));
  const late = queues.run('C1', 'first', turn(20_000));
  await expect(late).rejects.toMatchObject({ code: 'turn-lost', retry: 'backoff' });
  const next = await queues.run('C1', 'first', turn(0));

  expect([soon, next]).toEqual(['sent', 'sent']);
  await queues.close();
});
