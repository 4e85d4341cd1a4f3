import { expect, test } from 'vitest';
import {
  worstOf,
  sharedBy,
  stormHash,
  stormId,
  stormMember,
  type StormMember,
} from '../../../../src/core/incident/storm.ts';
import { placeSchema } from '../../../../src/core/talk/place.ts';
import { aKill, aLoaded, killedAt } from '../../../fixtures/incidents.ts';

interface Place {
  readonly workload?: string;
  readonly cluster?: string;
  readonly namespace?: string | null;
  readonly node?: string | null;
  readonly image?: string | null;
  readonly revision?: string | null;
  readonly kills?: number;
}

let made = 0;

/** Shares nothing with any other, unless told. */
function member(place: Place = {}): StormMember {
  made += 1;
  const { workload = `w${made}`, cluster = 'prod', namespace = `ns${made}`, kills = 1 } = place;
  const { node = `node-${made}`, image = `image:${made}`, revision = `rev${made}` } = place;
  const subject = { cluster, namespace, workload: { kind: 'Deployment', name: workload }, container: 'app' };
  const trigger = aKill({ subject, node, image, revision });
  return stormMember(aLoaded({ id: `INC-${made}`, subject, trigger }, kills), null);
}

function members(count: number, place: Place = {}): readonly StormMember[] {
  return Array.from({ length: count }, () => member(place));
}

function words(all: readonly StormMember[]): readonly string[] {
  return sharedBy(all).map(({ by, name, count }) => `${count} ${by} ${name}`);
}

test.each([
  ['nothing', members(6), []],
  ['a node by nearly all', [...members(38, { node: 'worker-3' }), ...members(2)], ['38 node worker-3']],
  ['a node by exactly half', [...members(3, { node: 'worker-3' }), ...members(3)], ['3 node worker-3']],
  [
    'two nodes, half each',
    [...members(3, { node: 'n1' }), ...members(3, { node: 'n2', image: 'a:1' })],
    ['3 image a:1', '3 node n1', '3 node n2'],
  ],
  ['a node by less than half', [...members(2, { node: 'worker-3' }), ...members(3)], []],
  [
    'a namespace by all and a node by most',
    [...members(4, { namespace: 'shop', node: 'n1' }), member({ namespace: 'shop' })],
    ['4 node n1', '5 namespace shop'],
  ],
  [
    'an image more often than a node',
    [...members(3, { image: 'a:1', node: 'n1' }), member({ image: 'a:1' })],
    ['4 image a:1', '3 node n1'],
  ],
  [
    'a rollout',
    members(2, { workload: 'cart', namespace: 'shop', revision: '7d9f' }),
    ['2 rollout shop/cart revision 7d9f', '2 namespace shop'],
  ],
  ['what is not known', members(6, { node: null, image: null, revision: null, namespace: null }), []],
  ['something with itself alone', members(1), []],
  ['no incident at all', [], []],
] as const)('a storm shares %s', (_, all, expected) => {
  expect(words(all)).toEqual(expected);
});

test('nodes and namespaces of one name in two clusters are not the same, an image is', () => {
  const place = { node: 'node-1', namespace: 'shop', image: 'shop:1' };

  const all = [...members(3, place), ...members(3, { ...place, cluster: 'stage' })];

  expect(words(all)).toEqual([
    '6 image shop:1',
    '3 node prod/node-1',
    '3 node stage/node-1',
    '3 namespace prod/shop',
    '3 namespace stage/shop',
  ]);
});

test('the worst come first, then the most killed, equal ones as they came, and no more than asked for', () => {
  const all = [1, 7, 3, 7, 2, 9].map((kills) => member({ kills, workload: `k${kills}` }));

  const top = worstOf(all, 3);

  expect(top.map(({ kills, incident }) => [kills, incident])).toEqual([
    [9, all[5]?.incident],
    [7, all[1]?.incident],
    [7, all[3]?.incident],
  ]);
});

test('an incident counts where its first kill was, with the limit in force there and all its kills', () => {
  const loaded = aLoaded({ trigger: aKill({ node: 'worker-3', limitInForceBytes: 64, limitBytes: 128 }) }, 4);
  const own = { root: placeSchema.parse('C1/1.1'), openedBy: 'U1' };

  expect(stormMember(loaded, own)).toMatchObject({
    node: 'worker-3',
    limitBytes: 64,
    kills: 4,
    killedAt,
    open: true,
    own,
  });
});

test('a storm has another id when it begins at another time, and looks different when one of its incidents does', () => {
  const all = members(3);
  const [first, ...rest] = all;
  const again = first === undefined ? rest : [{ ...first, kills: 2 }, ...rest];

  expect(stormId('C1', 'INC-1', 1)).toMatch(/^STORM-[0-9A-Z]{6}$/);
  expect(stormId('C1', 'INC-1', 1)).not.toBe(stormId('C1', 'INC-1', 2));
  expect(stormHash(again)).not.toBe(stormHash(all));
});
