import { expect, test } from 'vitest';
import {
  hidesNames,
  type Home,
  type Reader,
  readerSchema,
  type Showing,
  whatMaySee,
} from '../../../../src/core/talk/readers.ts';

const schema = readerSchema({ shape: /^[US]/, complaint: 'an id' });
const read = (...given: readonly unknown[]): readonly Reader[] => given.map((one) => schema.parse(one));

const secret: Home = { channel: 'C-PAYMENTS', isPublic: false };
const open: Home = { channel: 'C-ALERTS', isPublic: true };
const lost: Home = { channel: null, isPublic: false };

const here: Showing = { channel: 'C-PAYMENTS', only: null };
const shared: Showing = { channel: 'C-GENERAL', only: null };
const amira: Showing = { channel: 'C-GENERAL', only: { by: 'UAMIRA', groups: ['SONCALL'] } };

const listed = read({ namespaces: ['pay*'], channels: ['C-SRE'], who: ['SONCALL'] });
const hidden = read({ namespaces: ['pay*'], who: ['SONCALL'], names: false });
const elsewhere = read({ clusters: ['staging'], names: false }, { namespaces: ['shop'], names: false });

test.each<[string, Home, Showing, readonly Reader[], string, string]>([
  ['in its own channel all of it', secret, here, [], 'all', 'own-channel'],
  ['in its own channel all of it, also where names are hidden elsewhere', secret, here, hidden, 'all', 'own-channel'],
  ['outside of a private channel only names', secret, shared, [], 'names', 'private-channel'],
  ['whoever asks, without a rule', secret, amira, [], 'names', 'private-channel'],
  ['of a public channel the verdict, anywhere', open, shared, [], 'verdict', 'public-channel'],
  ['the same alone', open, amira, [], 'verdict', 'public-channel'],
  ['of a channel that cannot be found only names', lost, shared, [], 'names', 'private-channel'],
  ['a group that policy names, alone', secret, amira, listed, 'all', 'reader'],
  ['the same answer to everybody in the channel is not widened', secret, shared, listed, 'names', 'no-reader'],
  ['a channel that policy names', secret, { channel: 'C-SRE', only: null }, listed, 'all', 'reader'],
  ['another channel, where policy names one, even if its own is public', open, shared, listed, 'names', 'no-reader'],
  ['hidden names', secret, shared, hidden, 'nothing', 'names-hidden'],
  ['hidden names, for whom policy names', secret, amira, hidden, 'all', 'reader'],
  ['hidden names of another cluster and another namespace', secret, shared, elsewhere, 'names', 'private-channel'],
])('%s', (...[, home, showing, readers, see, because]) => {
  const asked = { subject: { cluster: 'prod', namespace: 'payments' } };

  expect(whatMaySee(asked, home, showing, readers)).toEqual({ see, because });
});

test('of a node, which has no namespace, only a rule for all namespaces speaks', () => {
  const node = { subject: { cluster: 'prod', namespace: null } };

  expect(whatMaySee(node, secret, shared, hidden).see).toBe('names');
  expect(whatMaySee(node, secret, shared, read({ names: false })).see).toBe('nothing');
});

test('names of a cluster are hidden as soon as those of one of its namespaces are, from whoever does not read them', () => {
  expect(hidesNames('prod', shared, hidden)).toBe(true);
  expect(hidesNames('prod', amira, hidden)).toBe(false);
  expect(hidesNames('prod', shared, listed)).toBe(false);
  expect(hidesNames('prod', shared, read({ clusters: ['staging'], names: false }))).toBe(false);
});
