import { expect, test } from 'vitest';
import { Failure } from '../../../src/core/failure.ts';
import { testPod } from '../../../src/core/test-kill/test-pod.ts';
import { runTest } from '../../../src/flow/test-kill/run-test.ts';
import type { TestPods } from '../../../src/flow/test-kill/run-test.ts';

const pod = testPod({ name: 'p', namespace: 'shop', image: 'busybox', by: 'me' });
const running = { status: { containerStatuses: [{ name: 'try-kill', state: { running: { startedAt: 'x' } } }] } };
const killed = {
  status: { containerStatuses: [{ name: 'try-kill', state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }] },
};
const away = new Failure('cluster-unreachable', 'away', { retry: 'backoff' });
const forbidden = new Failure('cluster-forbidden', 'no');

interface Play {
  /** What each look at the pod finds; the last one for ever. */
  readonly looks: readonly unknown[];
  readonly olds?: readonly string[];
  readonly createFails?: Failure;
  readonly removeFails?: Failure;
  /** The look after which Ctrl-C comes. */
  readonly interruptAt?: number;
}

async function play({ looks, olds = [], createFails, removeFails, interruptAt = Infinity }: Play) {
  const did: string[] = [];
  const stop = new AbortController();
  let [seen, at] = [0, 0];
  const pods: TestPods = {
    create: async () => {
      did.push('create');
      if (createFails) throw createFails;
    },
    read: async () => {
      seen += 1;
      if (seen >= interruptAt) stop.abort();
      const found = looks[Math.min(seen, looks.length) - 1];
      if (found instanceof Failure) throw found;
      return found;
    },
    remove: async (name) => {
      did.push(`remove ${name}`);
      if (removeFails) throw removeFails;
    },
    olderThan: async () => olds,
  };
  const wait = async (ms: number): Promise<void> => {
    at += ms;
    if (ms === 7_000) did.push('stay');
  };
  const needs = { pods, wait, now: () => at, pace: { lookEveryMs: 1_000, stayMs: 7_000 } };
  const news: string[] = [];
  const end = await runTest(pod, needs, { news: ({ is }) => news.push(is), signal: stop.signal }).catch(
    (error: unknown) => error,
  );
  return { end, did, news };
}

test('a pod is made, killed, kept for a moment and removed', async () => {
  const { end, did, news } = await play({ looks: [running, killed] });

  expect(end).toMatchObject({ is: 'killed' });
  expect(did).toEqual(['create', 'stay', 'remove p']);
  expect(news).toEqual(['running', 'killed', 'staying', 'removed']);
});

test('what earlier tests have left goes first', async () => {
  const { did } = await play({ looks: [killed], olds: ['a', 'b'] });

  expect(did.slice(0, 3)).toEqual(['remove a', 'remove b', 'create']);
});

test('an interrupted test removes its pod', async () => {
  const { end, did } = await play({ looks: [running], interruptAt: 3 });

  expect(end).toEqual({ is: 'interrupted' });
  expect(did).toEqual(['create', 'remove p']);
});

test('a pod that is never killed is given up, with what it waits for, and removed', async () => {
  const { end, did } = await play({ looks: [{ spec: { nodeName: 'n1' } }] });

  expect(end).toMatchObject({ is: 'not-killed', why: 'late', words: expect.stringContaining('to start on n1') });
  expect(did).toEqual(['create', 'remove p']);
});

test('an API server that is away for a moment ends nothing; one that refuses does, and the pod is removed', async () => {
  expect((await play({ looks: [away, away, killed] })).end).toMatchObject({ is: 'killed' });

  const refused = await play({ looks: [running, forbidden] });
  expect(refused.end).toBe(forbidden);
  expect(refused.did).toEqual(['create', 'remove p']);
});

test('nothing is removed where the pod was refused, and it is where nobody knows whether it was made', async () => {
  expect(await play({ looks: [], createFails: forbidden })).toMatchObject({ end: forbidden, did: ['create'] });
  expect(await play({ looks: [], createFails: away })).toMatchObject({ end: away, did: ['create', 'remove p'] });
});

test('a pod that cannot be removed is told of, after some tries', async () => {
  const { end, did, news } = await play({ looks: [killed], removeFails: away });

  expect(end).toMatchObject({ is: 'killed' });
  expect(did.filter((one) => one === 'remove p')).toHaveLength(3);
  expect(news.at(-1)).toBe('left');
});
