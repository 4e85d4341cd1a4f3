import { expect, test } from 'vitest';
import { queryIn, sourceWords } from '../../../../src/core/evidence/query-in.ts';

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
  [`${query}, 2026-99-24Tx`, { query, window: '2026-99-24Tx' }, 'Prometheus, query below'],
])('people read where evidence is from, and a query apart from that: %s', (source, found, words) => {
  expect(queryIn(source)).toEqual(found);
  expect(sourceWords(source)).toBe(words);
});
