import { expect, test } from 'vitest';
import { requestId } from '../../../../src/adapters/slack/listeners/record-click.ts';

test('each delivery of one click has the same request id, whichever bot gets it', () => {
  expect(requestId('USAM', 'apply\n1790000000.000100')).toBe(requestId('USAM', 'apply\n1790000000.000100'));
});

test.each([
  ['another person', requestId('UAMIRA', 'apply\n1790000000.000100')],
  ['another moment', requestId('USAM', 'apply\n1790000000.000200')],
])('%s is another request', (_, other) => {
  expect(other).not.toBe(requestId('USAM', 'apply\n1790000000.000100'));
});
