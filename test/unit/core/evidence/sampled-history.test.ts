import { expect, test } from 'vitest';
import {
  orSampled,
  sampledEvidence,
  sampledHistory,
  type Sampling,
} from '../../../../src/core/evidence/sampled-history.ts';
import type { UsageQuery } from '../../../../src/core/evidence/usage-query.ts';
import { aKill } from '../../../fixtures/incidents.ts';

const start = Date.UTC(2026, 10, 24, 13, 0, 0);
const at = (seconds: number): number => start + seconds * 1000;
const iso = (seconds: number): string => new Date(at(seconds)).toISOString().replace('.000', '');
const pod = 'checkout-7d9f-abcde';

const kill = aKill({ pod, startedAt: iso(0), finishedAt: iso(300), containerId: 'containerd://one', revision: '7d9f' });
const query: UsageQuery = {
  namespace: 'shop',
  pod,
  container: 'app',
  pods: [pod, 'checkout-6c8e-fghij'],
  from: at(-3600),
  to: at(3600),
  kills: [kill],
};
const sampling: Sampling = { since: at(0), at: at(600), everyMs: 30_000, kept: 2, problem: null };

test('samples are cut into runs by the kills, and other pods are siblings', () => {
  const history = sampledHistory(
    query,
    new Map([
      [pod, [30, 60, 290, 330, 360].map((s) => ({ t: at(s), bytes: s }))],
      ['checkout-6c8e-fghij', [{ t: at(60), bytes: 7 }]],
    ]),
  );

  expect(
    history.runs.map(({ killedAt, samples }) => [killedAt, samples.map(({ workingSetBytes }) => workingSetBytes)]),
  ).toEqual([
    [at(300), [30, 60, 290]],
    [null, [330, 360]],
  ]);
  expect(history.runs[0]).toMatchObject({ containerId: 'containerd://one', revision: '7d9f', startedAt: at(0) });
  expect(history.siblings).toMatchObject([{ pod: 'checkout-6c8e-fghij', revision: '6c8e', killedAt: null }]);
  expect(history.resolutionMs).toBe(30_000);
});

test('a run goes on after a kill of one of its processes', () => {
  const child = { ...kill, kind: 'child-process' as const, exitCode: null, finishedAt: null, seenAt: at(330) };
  const history = sampledHistory(
    { ...query, kills: [child] },
    new Map([[pod, [30, 300, 600].map((s) => ({ t: at(s), bytes: s }))]]),
  );

  expect(history.runs).toMatchObject([
    { containerId: 'containerd://one', killedAt: null, samples: [{ t: at(30) }, { t: at(300) }, { t: at(600) }] },
  ]);
});

test('what lies outside the window or is no size is left out', () => {
  const history = sampledHistory(
    { ...query, from: at(50) },
    new Map([
      [
        pod,
        [
          { t: at(30), bytes: 5 },
          { t: at(60), bytes: 0 },
        ],
      ],
    ]),
  );

  expect(history).toEqual({ runs: [], siblings: [], resolutionMs: null });
});

test('the evidence says since when it was sampled, and how often', () => {
  const evidence = sampledEvidence(query, new Map([[pod, [{ t: at(30), bytes: 30 }]]]), sampling, {
    now: at(700),
    noPrometheus: 'no Prometheus was found',
  });

  expect(evidence).toMatchObject({ found: true, source: 'sampled from metrics.k8s.io every 30s since 13:00:30 UTC' });
});

test.each([
  [null, 'no Prometheus was found, and sampling of metrics.k8s.io has not begun'],
  [
    { ...sampling, problem: 'metrics.k8s.io is not served in this cluster; install metrics-server' },
    'no Prometheus was found, and metrics.k8s.io is not served in this cluster; install metrics-server',
  ],
  [sampling, 'no Prometheus was found, and this container had not been sampled yet'],
])('without a sample the reason says what to do (%#)', (state, reason) => {
  const evidence = sampledEvidence(query, new Map(), state, { now: at(700), noPrometheus: 'no Prometheus was found' });

  expect(evidence).toMatchObject({ found: false, reason, source: expect.stringContaining('metrics.k8s.io') });
});

test.each([
  ['what was sampled', [{ t: at(30), bytes: 1 }], true, /^sampled from .*, because Prometheus did not answer in time$/],
  ['why Prometheus has nothing', [], false, /^query$/],
])('of a Prometheus that does not answer there is %s', (_, points, isFound, source) => {
  const unread = { found: false, reason: 'Prometheus did not answer in time', source: 'query', at: at(600) } as const;
  const sampled = sampledEvidence(query, new Map([[pod, points]]), sampling, {
    now: at(600),
    noPrometheus: unread.reason,
  });

  expect(orSampled(unread, sampled)).toMatchObject({ found: isFound, source: expect.stringMatching(source) });
});
