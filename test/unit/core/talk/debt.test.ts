import { expect, test } from 'vitest';
import { costWords, debtRow, type DebtPod, rankDebt } from '../../../../src/core/talk/answers/debt.ts';

const Mi = 2 ** 20;
const hour = 3_600_000;
const subject = {
  cluster: 'prod',
  namespace: 'shop',
  workload: { kind: 'Deployment', name: 'checkout' },
  container: 'app',
};
const pod = (requestMi: number | null, limitMi: number | null, peakMi: number | null, ageMs = 2 * hour): DebtPod => ({
  requestBytes: requestMi === null ? null : requestMi * Mi,
  limitBytes: limitMi === null ? null : limitMi * Mi,
  peakBytes: peakMi === null ? null : peakMi * Mi,
  ageMs,
});

test.each([
  ['twice its use', [pod(200, 200, 100)], 75, 75],
  ['less than twice its use', [pod(199, 199, 100)], 0, 0],
  ['only the limit is far above', [pod(150, 800, 100)], 0, 675],
  ['a request that is not written is the limit', [pod(null, 800, 100)], 675, 675],
  ['no limit', [pod(800, null, 100)], 675, 0],
  ['its highest pod counts for all', [pod(800, 800, 100), pod(800, 800, 300)], 850, 850],
  [
    'a pod that is too young counts as another, and shows nothing',
    [pod(800, 800, 100), pod(800, 800, 1, hour / 2)],
    1350,
    1350,
  ],
])('%s', (_, pods, requestMi, limitMi) => {
  expect(debtRow(subject, pods)).toMatchObject({
    requestDebtBytes: requestMi * Mi,
    limitDebtBytes: limitMi * Mi,
  });
});

test.each([
  ['nobody measured it', [pod(800, 800, null)]],
  ['it runs for half an hour', [pod(800, 800, 100, hour / 2)]],
  ['nobody says since when it runs', [{ ...pod(800, 800, 100), ageMs: null }]],
])('nothing is said where %s', (_, pods) => {
  expect(debtRow(subject, pods)).toBeNull();
});

test('the worst is first: what is reserved costs money, limits come after it', () => {
  const row = (name: string, request: number, limit: number) => ({
    ...subject,
    workload: { kind: 'Deployment', name },
    pods: 1,
    requestBytes: null,
    limitBytes: null,
    peakBytes: 1,
    requestDebtBytes: request,
    limitDebtBytes: limit,
  });

  const ranked = rankDebt([row('none', 0, 0), row('limits', 0, 900), row('some', 5, 5), row('most', 9, 9)]);

  expect(ranked.map(({ workload }) => workload.name)).toEqual(['most', 'some', 'limits']);
});

test('money is as exact as it can be', () => {
  expect(costWords(10 * 1024 * Mi, { perGiBMonth: 4.26, currency: 'EUR' })).toBe('43 EUR a month');
  expect(costWords(512 * Mi, { perGiBMonth: 4.2, currency: 'USD' })).toBe('2.1 USD a month');
});
