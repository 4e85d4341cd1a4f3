import { expect, test } from 'vitest';
import { queryIn, sourceOf, sourceWords } from '../../../../src/core/evidence/query-in.ts';

const query = 'container_memory_working_set_bytes{namespace="shop",pod=~"web-.*"}';

test.each([
  ['pod web-1', null, 'pod web-1'],
  ['ReplicaSets of Deployment web', null, 'ReplicaSets of Deployment web'],
  [
    `${query}, 2026-11-24T12:02:11.000Z to 2026-11-24T14:02:11.000Z`,
    { query, window: '2026-11-24T12:02:11.000Z to 2026-11-24T14:02:11.000Z' },
    'Prometheus, 2 h of samples, query below',
  ],
  [
    `${query}, 2026-11-24T13:47:11.000Z to 2026-11-24T14:02:11.000Z; only web-1 and the killed pods`,
    { query, window: '2026-11-24T13:47:11.000Z to 2026-11-24T14:02:11.000Z; only web-1 and the killed pods' },
    'Prometheus, 15 min of samples, query below',
  ],
  [
    `rate(${query}[5m]), 2026-11-24T12:02:11.000Z to 2026-11-24T14:02:11.000Z`,
    { query: `rate(${query}[5m])`, window: '2026-11-24T12:02:11.000Z to 2026-11-24T14:02:11.000Z' },
    'Prometheus, 2 h of samples, query below',
  ],
  [`${query}, 2026-99-24Tx`, { query, window: '2026-99-24Tx' }, 'Prometheus, query below'],
])('people read where evidence is from, and a query apart from that: %s', (source, found, words) => {
  expect(queryIn(source)).toEqual(found);
  expect(sourceWords(source)).toBe(words);
});

test('what is said of load and days names the query that it is from', () => {
  const window = '2026-11-24T12:00:00.000Z to 2026-11-24T14:00:00.000Z';

  expect(sourceOf('rate(packets[5m])', `${query}, ${window}`)).toBe(`rate(packets[5m]), ${window}`);
  expect(sourceOf(null, `${query}, ${window}`)).toBe(`${query}, ${window}`);
  expect(sourceOf('rate(packets[5m])', 'metrics.k8s.io')).toBe('metrics.k8s.io');
});
