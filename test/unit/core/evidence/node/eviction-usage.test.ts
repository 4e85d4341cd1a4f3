import { expect, test } from 'vitest';

import { evictionUsage } from '../../../../../src/core/evidence/node/eviction-usage.ts';

const Ki = 1024;
const low = 'The node was low on resource: memory. Threshold quantity: 100Mi, available: 104Ki. ';

test.each([
  [
    'one container',
    `${low}Container app was using 157056Ki, request is 20Mi, has larger consumption of memory. `,
    { container: 'app', usedBytes: 157_056 * Ki, requestBytes: 20_480 * Ki },
  ],
  [
    'the larger of two',
    `${low}Container log was using 100Ki, request is 0, has larger consumption of memory. Container app was using 200Ki, request is 0, has larger consumption of memory. `,
    { container: 'app', usedBytes: 200 * Ki, requestBytes: null },
  ],
  ['no container', low, null],
  ['no message', null, null],
  ['other numbers', `${low}Container app was using 12xx, request is 20Mi, `, null],
])('of an eviction message with %s', (_, message, expected) => {
  expect(evictionUsage({ kind: 'eviction', message })).toEqual(expected);
});

test('other kills have no such message', () => {
  const message = `${low}Container app was using 157056Ki, request is 20Mi, `;

  expect(evictionUsage({ kind: 'container', message })).toBeNull();
});
