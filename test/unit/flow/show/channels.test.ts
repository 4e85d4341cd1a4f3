import { expect, test } from 'vitest';
import { createChannels } from '../../../../src/flow/show/channels.ts';
import { aKill } from '../../../fixtures/incidents.ts';

const ids = new Map([
  ['alerts', 'C0ALERTS'],
  ['payments', 'C0PAYMENTS'],
  ['team-shop', 'C0SHOP'],
]);
const routes = [{ clusters: ['*'], namespaces: ['shop'], labels: {}, channel: 'payments' }];
const reading = { readers: [], publicIds: new Set(['C0ALERTS', 'C0PAYMENTS']) };
const channels = createChannels({ routes, named: ['team-shop', 'gone'] }, 'alerts', ids, reading);
const { subject } = aKill();

test.each([
  ['a channel that policy lists', 'team-shop', 'C0SHOP'],
  ['none', undefined, 'C0PAYMENTS'],
  ['one that policy does not list', 'alerts', 'C0PAYMENTS'],
  ['one by its id', 'C0SHOP', 'C0PAYMENTS'],
  ['one that the bot cannot see', 'gone', 'C0PAYMENTS'],
])('a pod that names %s leads there or where its route leads', (_, channel, expected) => {
  expect(channels.of(aKill(channel === undefined ? {} : { channel }))).toBe(expected);
});

test('what is told to all channels of a cluster reaches those that pods may name', () => {
  expect(channels.all.toSorted()).toEqual(['C0ALERTS', 'C0PAYMENTS', 'C0SHOP']);
  expect(channels.ofCluster('prod')).toContain('C0SHOP');
});

test('a private channel that a pod names keeps what belongs there, and so does one that a pod may have named', () => {
  const elsewhere = { channel: 'C0ALERTS', only: null };

  expect(channels.maySee(aKill(), elsewhere).see).toBe('verdict');
  expect(channels.maySee(aKill({ channel: 'team-shop' }), elsewhere).see).toBe('names');
  expect(channels.maySee({ subject, labels: null }, elsewhere).see).toBe('names');
});
