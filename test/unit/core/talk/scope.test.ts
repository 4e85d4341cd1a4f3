import { expect, test } from 'vitest';
import { isInScope, namespacesIn, nearNames, readScope, unknownLine } from '../../../../src/core/talk/scope.ts';

const clusters = ['prod', 'staging'].map((name) => ({ name, namespaces: ['shop', 'pay', `only-${name}`] }));

const inProd = (namespace: string | null, workload: string | null = null) => ({
  cluster: 'prod',
  parts: [{ namespace, workload }],
});

test.each([
  ['no word at all', [], { prod: [], staging: [] }],
  ['a cluster', ['prod'], { prod: [] }],
  ['a cluster with a slash', ['prod/'], { prod: [] }],
  ['a namespace', ['shop'], { prod: ['shop'], staging: ['shop'] }],
  ['a namespace of one cluster', ['prod/shop'], { prod: ['shop'] }],
  ['two namespaces of one cluster', ['prod/shop', 'prod/pay'], { prod: ['shop', 'pay'] }],
  ['the same twice', ['prod/shop', 'prod/shop'], { prod: ['shop'] }],
  ['a cluster and a namespace', ['prod', 'shop'], { prod: ['shop'] }],
  ['the same in the other order', ['shop', 'prod'], { prod: ['shop'] }],
  ['two clusters and a namespace that only one of them has', ['prod', 'only-prod', 'staging'], { prod: ['only-prod'] }],
  ['a namespace and then its cluster', ['prod/shop', 'prod'], { prod: [] }],
] as const)('%s is read as it is meant', (_, words, expected) => {
  const { targets, unknown } = readScope(words, clusters);

  expect(Object.fromEntries(targets.map((target) => [target.cluster, namespacesIn(target)]))).toEqual(expected);
  expect(unknown).toEqual([]);
});

test('a cluster that does not exist is named with the nearest that does, and the rest is still meant', () => {
  const { targets, unknown } = readScope(['prdo/shop', 'staging'], clusters);

  expect(targets).toEqual([{ cluster: 'staging', parts: [] }]);
  expect(unknown).toEqual([{ of: 'cluster', name: 'prdo/shop', near: ['prod'] }]);
});

test('a word that is too long for any namespace is none, so that no worker is asked about it', () => {
  const long = 'x'.repeat(64);

  const { targets, unknown } = readScope([long, `prod/${long}`, 'prod/shop'], clusters);

  expect(targets).toEqual([inProd('shop')]);
  expect(unknown.map(({ name }) => name)).toEqual([long, `prod/${long}`]);
});

test('without any cluster a namespace is nowhere', () => {
  expect(readScope(['shop'], [])).toEqual({ targets: [], unknown: [] });
});

test('a namespace is meant where it exists, and one that exists nowhere gets the nearest of all', () => {
  const { targets, unknown } = readScope(['only-prod', 'shpo', 'staging/only-stagign'], clusters);

  expect(targets).toEqual([inProd('only-prod')]);
  expect(unknown).toEqual([
    { of: 'cluster or namespace', name: 'shpo', near: ['shop'] },
    { of: 'cluster or namespace', name: 'only-stagign', near: ['only-staging'] },
  ]);
});

test('where nobody knows the namespaces any may exist', () => {
  expect(readScope(['shpo'], [{ name: 'prod', namespaces: null }])).toEqual({
    targets: [inProd('shpo')],
    unknown: [],
  });
});

test.each([
  ['shpo', ['shop', 'payments'], ['shop']],
  ['paymnets', ['shop', 'payments'], ['payments']],
  ['zzz', ['shop', 'payments'], []],
  ['ax', ['ab', 'ac', 'ad', 'ae'], ['ab', 'ac', 'ad']],
])('"%s" may have meant one of %o', (name, existing, near) => {
  expect(nearNames(name, existing)).toEqual(near);
});

test.each([
  [{ cluster: 'prod', namespace: 'shop' }, true],
  [{ cluster: 'prod', namespace: 'pay' }, false],
  [{ cluster: 'prod', namespace: null }, false],
  [{ cluster: 'staging', namespace: 'pay' }, true],
  [{ cluster: 'staging', namespace: null }, true],
  [{ cluster: 'other', namespace: 'shop' }, false],
])('%o is in the scope: %s', (place, expected) => {
  const { targets } = readScope(['prod/shop', 'staging'], clusters);

  expect(isInScope(targets, place)).toBe(expected);
});

const withWorkloads = clusters.map((one) => ({ ...one, workloads: one.name === 'prod' ? ['cart', 'sessions'] : [] }));

test.each([
  [['cart'], [{ namespace: null, workload: 'cart' }]],
  [['shop', 'cart'], [{ namespace: 'shop', workload: 'cart' }]],
  [['cart', 'prod', 'shop'], [{ namespace: 'shop', workload: 'cart' }]],
  [['shop/cart'], [{ namespace: 'shop', workload: 'cart' }]],
  [['shop/cart', 'prod'], [{ namespace: 'shop', workload: 'cart' }]],
  [['prod/shop/cart'], [{ namespace: 'shop', workload: 'cart' }]],
  [['prod/cart'], [{ namespace: null, workload: 'cart' }]],
  [['prod/shop', 'cart'], [{ namespace: 'shop', workload: 'cart' }]],
])('%o is a workload, whatever the order', (words, parts) => {
  const { targets, unknown } = readScope(words, withWorkloads);

  expect(targets.find(({ cluster }) => cluster === 'prod')?.parts).toEqual(parts);
  expect(unknown).toEqual([]);
});

test('a place narrows to the clusters that are named, and a whole cluster stays whole', () => {
  expect(readScope(['shop/cart', 'prod'], withWorkloads).targets).toEqual([inProd('shop', 'cart')]);
  expect(readScope(['prod/shop/cart', 'prod'], withWorkloads).targets).toEqual([{ cluster: 'prod', parts: [] }]);
});

test('a name that is like no other may be a workload that only the workers know', () => {
  const read = (word: string) => readScope([word], withWorkloads, { anyWorkload: true });

  expect(read('recommender').targets[0]?.parts).toEqual([{ namespace: null, workload: 'recommender' }]);
  expect(read('sesions').unknown).toEqual([
    { of: 'cluster, namespace or workload', name: 'sesions', near: ['sessions'] },
  ]);
  expect(readScope(['recommender'], withWorkloads).targets).toEqual([]);
});

test('a namespace that the named cluster does not have is said, and nothing is answered in its place', () => {
  const { targets, unknown } = readScope(['staging', 'only-prod'], clusters);

  expect(targets).toEqual([]);
  expect(unknown.map(unknownLine)).toEqual(['There is no namespace only-prod there.']);
});
