import { expect, test } from 'vitest';
import { ignoredOf } from '../../../../src/core/kill/ignored.ts';
import { killedIn, mended, nearPods, podHistory, type Terminations } from '../../../../src/core/talk/pod-history.ts';
import { aKill, aLoaded } from '../../../fixtures/incidents.ts';

const at = (clock: string) => ({ finishedAt: `2026-11-24T${clock}Z`, seenAt: Date.parse(`2026-11-24T${clock}Z`) });
const killed = aKill({ ...at('14:00:00'), fingerprint: 'killed' });
const probe = aKill({ ...at('13:00:00'), fingerprint: 'probe' });
const open = aKill({ ...at('15:00:00'), fingerprint: 'open', suspect: true });
const other = aKill({
  ...at('15:00:00'),
  fingerprint: 'other',
  pod: 'cart-1',
  subject: { ...aKill().subject, workload: { kind: 'Deployment', name: 'cart' } },
});
const known: Terminations = {
  incidents: [{ ...aLoaded(), tally: { count: 1, firstAt: 0, lastAt: 0, recent: [killed] } }],
  killedPods: [{ incident: aLoaded().incident.id, namespace: 'shop', pod: killed.pod, workload: 'checkout', at: 1 }],
  suspects: [
    { kill: open, why: 'no samples' },
    // Explained and admitted since.
    { kill: { ...probe, suspect: true }, why: 'no samples' },
    { kill: { ...killed, suspect: true }, why: 'no samples' },
  ],
  ignored: [ignoredOf(probe, 'liveness-probe'), ignoredOf(other, 'deleted'), ignoredOf(killed, 'sticky-reason')],
};

test.each([
  'checkout-7d9f-abcde',
  'shop/checkout-7d9f-abcde',
  'prod/shop/checkout',
  'shop/checkout',
  'checkout',
  'checkout shop',
  'prod checkout shop',
])('%s names a pod by itself or its workload, and each termination is told once, oldest first', (word) => {
  expect(podHistory(word.split(' '), known).map((one) => [one.is, 'reason' in one ? one.reason : null])).toEqual([
    ['ignored', 'liveness-probe'],
    ['kill', null],
    ['suspect', null],
  ]);
});

test('a pod whose kills are no longer kept one by one is told by its last', () => {
  const { incident } = aLoaded();
  const earlier = { incident: incident.id, namespace: 'shop', pod: 'checkout-7d9f-old', workload: 'checkout', at: 5 };
  const lost = { ...earlier, incident: 'INC-GONE', pod: 'checkout-7d9f-gone' };
  const killedPods = [...known.killedPods, earlier, lost];

  expect(podHistory(['checkout-7d9f-old'], { ...known, killedPods })).toEqual([
    expect.objectContaining({ is: 'kill', at: 5, pod: 'checkout-7d9f-old', exitCode: null, incident: incident.id }),
  ]);
  expect(podHistory(['checkout-7d9f-gone'], { ...known, killedPods })).toEqual([]);
});

test('a word names the incidents of a pod, of a workload and of a node', () => {
  const place = { namespace: 'shop', pod: 'checkout-1', workload: 'checkout', at: 1 };
  const killedPods = [
    { ...place, incident: 'INC-1' },
    { ...place, incident: 'INC-2', pod: 'checkout-2' },
    { ...place, incident: 'INC-2' },
    { ...place, incident: 'INC-3', namespace: 'other' },
    { incident: 'INC-4', namespace: null, pod: '', workload: 'node-1', at: 2 },
  ];
  const named = (word: string) => killedIn([word], 'prod', killedPods);

  expect(named('checkout-2')).toEqual(['INC-2']);
  expect(named('shop/checkout')).toEqual(['INC-1', 'INC-2']);
  expect(named('prod/other/checkout-1')).toEqual(['INC-3']);
  expect(named('node-1')).toEqual(['INC-4']);
  expect(named('checkout-3')).toEqual([]);
});

test('what names nothing gets the nearest pods', () => {
  expect(podHistory(['other/checkout'], known)).toEqual([]);
  expect(podHistory(['checkout-7d9f-abcd'], known)).toEqual([]);
  expect(nearPods(['shop/checkout-7d9f-abcd'], known)).toEqual(['checkout-7d9f-abcde']);
});

const workloads = ['sessions', 'session-store', 'cart'].map((name) => ({ cluster: 'prod', namespace: 'shop', name }));

test.each([
  ['sesions', 'sessions'],
  ['shop/sesions', 'shop/sessions'],
  ['sesions shop', 'sessions shop'],
  ['prod sesions', 'prod sessions'],
])('a mistyped workload is mended where the rest fits: %s', (typed, meant) => {
  expect(mended(typed.split(' '), workloads)).toMatchObject({ meant: 'sessions', words: meant.split(' ') });
});

test.each(['sessionz-api', 'staging sesions', 'crat-1', 'xyz'])(
  'what is like no workload there is not mended: %s',
  (typed) => {
    expect(mended(typed.split(' '), workloads)).toBeNull();
  },
);

test('what is as near to one workload as to another is not mended', () => {
  const two = ['web-a', 'web-b'].map((name) => ({ cluster: 'prod', namespace: 'shop', name }));

  expect(mended(['web-c'], two)).toBeNull();
});
