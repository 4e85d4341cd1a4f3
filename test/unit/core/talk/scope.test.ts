import { expect, test } from 'vitest';
import { isInScope, nearNames, readScope } from '../../../../src/core/talk/scope.ts';

const clusters = ['prod', 'staging'].map((name) => ({ name, namespaces: ['shop', 'pay', `only-${name}`] }));

test.each([
  ['no word at all', [], { prod: [], staging: [] }],
  ['a cluster', ['prod'], { prod: [] }],
  ['a cluster with a slash', ['prod/'], { prod: [] }],
  ['a namespace', ['shop'], { prod: ['shop'], staging: ['shop'] }],
  ['a namespace of one cluster', ['prod/shop'], { prod: ['shop'] }],
  ['two namespaces of one cluster', ['prod/shop', 'prod/pay'], { prod: ['shop', 'pay'] }],
  ['the same twice', ['prod/shop', 'prod/shop'], { prod: ['shop'] }],
  ['a cluster and a namespace', ['prod', 'shop'], { prod: [], staging: ['shop'] }],
  ['a namespace and then its cluster', ['prod/shop', 'prod'], { prod: [] }],
] as const)('%s is read as it is meant', (_, words, expected) => {
  const { targets, unknown } = readScope(words, clusters);

  expect(Object.fromEntries(targets.map(({ cluster, namespaces }) => [cluster, namespaces]))).toEqual(expected);
  expect(unknown).toEqual([]);
});

test('a cluster that does not exist is named with the nearest that does, and the rest is still meant', () => {
  const { targets, unknown } = readScope(['prdo/shop', 'staging'], clusters);

  expect(targets).toEqual([{ cluster: 'staging', namespaces: [] }]);
  expect(unknown).toEqual([{ of: 'cluster', name: 'prdo/shop', near: ['prod'] }]);
});

test('a word that is too long for any namespace is none, so that no worker is asked about it', () => {
  const long = 'x'.repeat(64);

  const { targets, unknown } = readScope([long, `prod/${long}`, 'prod/shop'], clusters);

  expect(targets).toEqual([{ cluster: 'prod', namespaces: ['shop'] }]);
  expect(unknown.map(({ name }) => name)).toEqual([long, `prod/${long}`]);
});

test('without any cluster a namespace is nowhere', () => {
  expect(readScope(['shop'], [])).toEqual({ targets: [], unknown: [] });
});

test('a namespace is meant where it exists, and one that exists nowhere gets the nearest of all', () => {
  const { targets, unknown } = readScope(['only-prod', 'shpo', 'staging/only-stagign'], clusters);

  expect(targets).toEqual([{ cluster: 'prod', namespaces: ['only-prod'] }]);
  expect(unknown).toEqual([
    { of: 'cluster or namespace', name: 'shpo', near: ['shop'] },
    { of: 'cluster or namespace', name: 'only-stagign', near: ['only-staging'] },
  ]);
});

test('where nobody knows the namespaces any may exist', () => {
  expect(readScope(['shpo'], [{ name: 'prod', namespaces: null }])).toEqual({
    targets: [{ cluster: 'prod', namespaces: ['shpo'] }],
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
