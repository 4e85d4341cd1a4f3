import { describe, expect, test } from 'vitest';
import type { TraceInput, TraceRow } from '../../../../src/adapters/recording/read-trace.ts';
import { judgeTrace } from '../../../../src/app/evaluate/judge-trace.ts';
import { killsOfTrace } from '../../../../src/app/evaluate/trace-kills.ts';
import { podsOfTrace } from '../../../../src/app/evaluate/trace-pods.ts';
import { record } from '../../../../src/core/kill/json-read.ts';

const mib = 2 ** 20;
const begin = Date.parse('2026-11-30T10:00:00Z');
const at = (second: number): string => new Date(begin + second * 1000).toISOString().replace('.000Z', 'Z');

function row(second: number, share: number, more: Partial<TraceRow> = {}): TraceRow {
  const none = { rssBytes: null, cacheBytes: null, usageBytes: null, podUsageBytes: null, load: null, oomEvents: null };
  const usual = { pod: 'web-1', instance: 0, revision: null, limitBytes: 100 * mib };
  return { t: begin + second * 1000, workingSetBytes: share * mib, ...none, ...usual, ...more };
}

const limits = { limits: { memory: '100Mi' }, requests: { memory: '100Mi' } };

function pod(status: object) {
  return record({
    kind: 'Pod',
    metadata: { name: 'web-1', namespace: 'shop', uid: '5f0b4b5c-1c4e-4f6e-9d8e-0a1b2c3d4e5f' },
    spec: { nodeName: 'n', containers: [{ name: 'app', image: 'shop:1', resources: limits }] },
    status: { phase: 'Running', containerStatuses: [{ name: 'app', restartCount: 0, resources: limits, ...status }] },
  });
}

const running = pod({ containerID: 'containerd://aa', state: { running: { startedAt: at(0) } } });
const killed = pod({
  containerID: 'containerd://aa',
  state: {
    terminated: {
      containerID: 'containerd://aa',
      exitCode: 137,
      reason: 'OOMKilled',
      startedAt: at(0),
      finishedAt: at(10),
    },
  },
});

function trace(of: Partial<TraceInput>): TraceInput {
  const nothing = { events: [], workload: null, replicaSets: [], node: null, quotas: [], log: null, problems: [] };
  return { id: 'a', pod: running, rows: [], ...nothing, ...of };
}

async function killsIn(of: TraceInput) {
  const { kills } = await killsOfTrace(of, podsOfTrace(of), begin + 120_000);
  return kills;
}

const seconds = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

describe('kills of a trace', () => {
  test('each rise of a counter is one of a process in a container that lives on', async () => {
    const rows = seconds(0, 30).map((second) => row(second, 50, { oomEvents: second < 10 ? 0 : second < 20 ? 1 : 3 }));

    const kills = await killsIn(trace({ rows }));

    expect(kills.map(({ kind }) => kind)).toEqual(['child-process', 'child-process', 'child-process']);
    expect(new Set(kills.map(({ fingerprint }) => fingerprint)).size).toBe(3);
    expect((await judgeTrace(trace({ rows }))).verdict).toBe('child-process');
  });

  test('a counter that stands still is none', async () => {
    expect(await killsIn(trace({ rows: seconds(0, 30).map((second) => row(second, 50, { oomEvents: 0 })) }))).toEqual(
      [],
    );
  });

  test('a run that was followed by another ended as the one whose end the pod shows', async () => {
    const rows = [
      ...seconds(0, 10).map((second) => row(second, 50 + 4 * second)),
      ...seconds(12, 22).map((second) => row(second, 2 + 4 * second, { instance: 1 })),
      ...seconds(25, 28).map((second) => row(second, 50, { instance: 2 })),
    ];

    const kills = await killsIn(trace({ pod: killed, rows }));

    expect(kills.map(({ reason, startedAt, finishedAt }) => [reason, startedAt, finishedAt])).toEqual([
      ['OOMKilled', at(0), at(10)],
      ['OOMKilled', at(11), at(21)],
    ]);
  });

  test('of a pod that shows no kill the end of a run is none', async () => {
    const rows = [...seconds(0, 10).map((second) => row(second, 50)), row(12, 50, { instance: 1 })];

    expect(await killsIn(trace({ rows }))).toEqual([]);
    expect(await judgeTrace(trace({ rows }))).toMatchObject({ verdict: null, recommendation: null });
  });
});

describe('runs of a trace', () => {
  test('are told apart by the end that the pod shows where samples have no number', () => {
    const rows = [0, 4, 8, 12, 16].map((second) => row(second, 50, { instance: null, pod: null }));
    const [own] = podsOfTrace(trace({ pod: killed, rows }));

    expect(own?.runs.map((run) => [run.terminated !== null, run.rows.length])).toEqual([
      [true, 3],
      [false, 2],
    ]);
  });

  test('have the revision of their ReplicaSet where samples do not say it', () => {
    const metadata = { name: 'web-7d', labels: { 'pod-template-hash': '7d' } };
    const [, other] = podsOfTrace(
      trace({ replicaSets: [{ metadata }], rows: [row(0, 50, { pod: 'web-7d-x2' }), row(0, 50)] }),
    );

    expect(other?.revision).toBe('7d');
  });
});
