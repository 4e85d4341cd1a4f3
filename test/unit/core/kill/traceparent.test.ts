import { expect, test } from 'vitest';
import { isTraceId, readTraceparent, writeTraceparent } from '../../../../src/core/kill/traceparent.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

test('the context of a span is written as W3C says, and read again', () => {
  const place = { traceId, spanId, isSampled: true };

  expect(writeTraceparent(place)).toBe(`00-${traceId}-${spanId}-01`);
  expect(readTraceparent(writeTraceparent(place))).toEqual(place);
  expect(readTraceparent(`00-${traceId}-${spanId}-00`)).toEqual({ ...place, isSampled: false });
});

test.each([
  ['nothing', undefined],
  ['an empty text', ''],
  ['another version', `01-${traceId}-${spanId}-01`],
  ['a trace without an id', `00-${'0'.repeat(32)}-${spanId}-01`],
  ['a span without an id', `00-${traceId}-${'0'.repeat(16)}-01`],
  ['capital letters', `00-${traceId.toUpperCase()}-${spanId}-01`],
  ['more than it may hold', `00-${traceId}-${spanId}-01-more`],
])('%s is no context', (_, text) => {
  expect(readTraceparent(text)).toBeNull();
});

test('a fingerprint can be the id of a trace', () => {
  expect(isTraceId(traceId)).toBe(true);
  expect(isTraceId('0'.repeat(32))).toBe(false);
  expect(isTraceId('fingerprint-1')).toBe(false);
});
