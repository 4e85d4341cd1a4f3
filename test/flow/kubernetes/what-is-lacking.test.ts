import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClusterReader } from '../../../src/adapters/kubernetes/read/read-cluster.ts';
import type { Transport } from '../../../src/adapters/kubernetes/transport/transport.ts';
import { createPrometheus } from '../../../src/adapters/prometheus/prometheus.ts';
import { diagnose } from '../../../src/core/diagnose/diagnose.ts';
import { evidenceLines } from '../../../src/core/evidence/evidence-lines.ts';
import type { Kill } from '../../../src/core/kill/kill.ts';
import { recommend } from '../../../src/core/recommend/recommend.ts';
import { startAnswering } from '../prometheus/answering-server.ts';
import { deploy, lastOf, peaksAt, startLivingWorld, untilKills } from './living-world.ts';
import type { LivingWorld } from './living-world.ts';

/*
 * Whatever cannot be had at three in the morning: there is a verdict all the same, in the time that its evidence may
 * take, and a line that says what it lacked.
 */
const closing: (() => Promise<void>)[] = [];
let world: LivingWorld;

beforeAll(async () => {
  world = await startLivingWorld();
  closing.push(world.close);
  // It runs for two minutes before each of its kills, and a crash loop begins.
  await deploy(world, peaksAt(100, 120_000));
  await untilKills(world, 3);
});
afterAll(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serving(answer: Parameters<typeof startAnswering>[0]): Promise<string> {
  const server = await startAnswering(answer);
  closing.push(server.close);
  return server.url;
}

async function closed(): Promise<string> {
  const server = await startAnswering(null);
  await server.close();
  return server.url;
}

const matrix = (result: readonly object[]): string =>
  JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } });

/** Samples that no container can have: a billion times its limit, and below zero. */
function lies(): string {
  const { pod, containerId } = lastOf(world.kills);
  const name = (containerId ?? '').replace(/^.*:\/\//, '');
  const metric = { __name__: 'container_memory_working_set_bytes', namespace: 'shop', pod, container: 'app', name };
  const at = world.clock.now() / 1000;
  return matrix([
    { metric, values: [0, 1, 2, 3].map((minute) => [at - 240 + minute * 60, minute < 2 ? 'NaN' : '-1']) },
  ]);
}

/** Answers that a log gets instead of its own. */
function withLog(answer: Awaited<ReturnType<Transport['end']>>): Transport {
  const { transport } = world;
  return {
    ...transport,
    end: async (call, keepBytes) => (call.path.includes('/log?') ? answer : transport.end(call, keepBytes)),
  };
}

interface Trouble {
  readonly prometheus?: () => Promise<string>;
  readonly transport?: () => Transport;
  readonly kill?: (kill: Kill) => Kill;
  /** Of Prometheus, where it is to pass; else nothing depends on how busy the machine is. */
  readonly deadlineMs?: number;
  readonly lacks: string;
  readonly words: RegExp;
}

const none = async (): Promise<string> => serving({ status: 200, body: matrix([]) });

test.each<[string, Trouble]>([
  ['Prometheus is down', { prometheus: closed, lacks: 'Usage', words: /Prometheus at \S+ cannot be reached/ }],
  [
    'Prometheus takes longer than its evidence may',
    {
      prometheus: async () => serving(null),
      deadlineMs: 300,
      lacks: 'Usage',
      words: /Prometheus at \S+ did not answer in time/,
    },
  ],
  [
    'something else listens where Prometheus was',
    {
      prometheus: async () => serving({ status: 200, body: '<html>hello</html>' }),
      lacks: 'Usage',
      words: /Prometheus at \S+ cannot be understood/,
    },
  ],
  [
    'Prometheus lies',
    {
      prometheus: async () => serving({ status: 200, body: lies() }),
      lacks: 'Usage',
      words: /no (?:sample|usage|container)/i,
    },
  ],
  ['Prometheus knows nothing of it', { lacks: 'Usage', words: /no (?:sample|usage|container)/i }],
  [
    'its log may not be read',
    {
      transport: () =>
        withLog({ status: 403, bytes: 60, body: '{"kind":"Status","message":"pods \\"web\\" is forbidden"}' }),
      lacks: 'Log',
      words: /403/,
    },
  ],
  ['its pod is gone', { kill: (kill) => ({ ...kill, podUid: 'gone' }), lacks: 'Log', words: /the pod is gone/ }],
])('there is a verdict although %s, and it says so', async (_, trouble) => {
  const kill = (trouble.kill ?? ((one) => one))(lastOf(world.kills));
  const url = await (trouble.prometheus ?? none)();
  const reader = createClusterReader({
    transport: (trouble.transport ?? (() => world.transport))(),
    deadlineMs: 10_000,
    usage: createPrometheus({ url, deadlineMs: trouble.deadlineMs ?? 60_000, now: world.clock.now }).usage,
    usageNow: () => Promise.resolve(null),
    now: world.clock.now,
  });

  const recent = [...world.kills.slice(0, -1), kill];
  const findings = await reader.findings(kill, recent);
  const diagnosis = diagnose(findings, kill, recent, world.clock.now());
  const missing = evidenceLines(findings, kill, recent).filter((line) => line.missing);

  const [verdict] = diagnosis.hypotheses;
  expect(verdict?.sentence).toMatch(/\S/);
  expect(recommend(diagnosis, findings, kill, recent).fix.kind).toMatch(/\S/);
  expect(missing.find(({ label }) => label === trouble.lacks)?.text).toMatch(trouble.words);
});
