import { expect, test } from 'vitest';
import { requestId } from '../../../../src/adapters/slack/listeners/record-click.ts';

const action = { action_id: 'apply', action_ts: '1790000000.000100' };

test('each delivery of one click has the same request id, whichever bot gets it', () => {
  expect(requestId('USAM', action, 'v')).toBe(requestId('USAM', { ...action }, 'v'));
});

test.each([
  ['another person', requestId('UAMIRA', action, 'v')],
  ['another moment', requestId('USAM', { ...action, action_ts: '1790000000.000200' }, 'v')],
  ['another button', requestId('USAM', { ...action, action_id: 'reject' }, 'v')],
  ['another plan', requestId('USAM', action, 'w')],
])('%s is another request', (_, other) => {
  expect(other).not.toBe(requestId('USAM', action, 'v'));
});
