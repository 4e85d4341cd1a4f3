import { expect, test } from 'vitest';
import { ownerOf } from '../../../../src/core/notify/owner.ts';
import { aKill } from '../../../fixtures/incidents.ts';
import { complaintsOf, policyOf } from './policy-words.ts';

const { owners } = policyOf({
  owners: {
    names: { 'team-shop': 'S0SHOP', amira: 'U0AMIRA' },
    label: 'team',
    rules: [
      { namespaces: ['shop'], labels: { tier: 'front*' }, owner: 'team-shop' },
      { clusters: ['prod'], owner: 'somebody of operations' },
    ],
  },
});
const shop = { name: 'team-shop', id: 'S0SHOP' };

test.each([
  ['the annotation', '@team-shop', {}, shop],
  ['the annotation, before the label', 'amira', { team: 'team-shop' }, { name: 'amira', id: 'U0AMIRA' }],
  ['the label', null, { team: 'team-shop' }, shop],
  ['a rule with labels', null, { tier: 'front-1' }, shop],
  ['the last rule', null, {}, { name: 'somebody of operations', id: null }],
  ['an empty annotation says nothing', '  ', { team: 'team-shop' }, shop],
  ['a name that policy does not know', 'team-nobody', {}, { name: 'team-nobody', id: null }],
  ['an id that policy has', 'S0SHOP', {}, shop],
  ['an id that policy does not have is a text', 'U0BOSS', {}, { name: 'U0BOSS', id: null }],
  ['a name of every object', '__proto__', {}, { name: '__proto__', id: null }],
  ['a method of every object', 'constructor', {}, { name: 'constructor', id: null }],
])('%s', (_, annotation, labels, owner) => {
  expect(ownerOf(aKill({ labels }), annotation, owners)).toEqual(owner);
});

test('a long text is cut, and one of many lines becomes one', () => {
  const owner = ownerOf(aKill(), `<!channel>\n${'x'.repeat(5000)}`, policyOf().owners);

  expect(owner?.id).toBeNull();
  expect(owner?.name).toMatch(/^<!channel> x+…$/);
  expect(owner?.name.length).toBeLessThanOrEqual(100);
});

test('nobody owns what nobody names', () => {
  expect(ownerOf(aKill({ labels: { team: 'shop' } }), null, policyOf().owners)).toBeNull();
});

test('a rule has a name, and names have ids', () => {
  expect(complaintsOf({ owners: { rules: [{ owner: 'S0SHOP' }] } })).toEqual([
    'owners.rules.0.owner: must be a name; `names` says whose it is',
  ]);
  expect(complaintsOf({ owners: { names: { shop: '#shop' } } })[0]).toContain(
    'owners.names.shop: must be a Slack user id',
  );
});
