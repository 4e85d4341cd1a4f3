import { expect, test } from 'vitest';
import { channelFor, channelsFor, type Route, routeSchema } from '../../../../src/core/talk/route.ts';
import { aKill } from '../../../fixtures/incidents.ts';

const routes: readonly Route[] = [
  { namespaces: ['shop'], labels: { team: 'carts' }, channel: '#carts' },
  { namespaces: ['shop', 'store-*'], clusters: ['prod-*'], channel: 'shop' },
  { namespaces: ['*-shop'], channel: 'C0SHOPS11' },
  { labels: { team: 'web-*', tier: '*' }, channel: 'web' },
  { clusters: ['edge'], channel: 'edge' },
].map((route) => routeSchema.parse(route));

test.each<[string, string, string | null, Record<string, string>, string]>([
  ['the first route that fits wins', 'prod-eu', 'shop', { team: 'carts' }, 'carts'],
  ['a label of another value does not fit', 'prod-eu', 'shop', { team: 'payments' }, 'shop'],
  ['a pattern of a namespace', 'prod-eu', 'store-berlin', {}, 'shop'],
  ['a pattern is about the whole name', 'prod-eu', 'my-store-berlin', {}, 'fallback'],
  ['a pattern of a cluster', 'test', 'shop', {}, 'fallback'],
  ['a route for all clusters', 'test', 'old-shop', {}, 'C0SHOPS11'],
  ['all labels have to be there', 'test', 'site', { team: 'web-eu' }, 'fallback'],
  ['labels by pattern', 'test', 'site', { team: 'web-eu', tier: 'front' }, 'web'],
  ['a node, which has no namespace, by its cluster', 'edge', null, {}, 'edge'],
  ['a node whose cluster no route names', 'prod-eu', null, {}, 'fallback'],
  ['no route at all', 'test', 'site', {}, 'fallback'],
])('%s', (...[, cluster, namespace, labels, channel]) => {
  const subject = { ...aKill().subject, cluster, namespace };

  expect(channelFor({ subject, labels }, routes, 'fallback')).toBe(channel);
});

test.each([
  ['only the fallback without routes', [], ['FALLBACK']],
  ['its routes, and the fallback for the rest', [aRoute({ namespaces: ['pay'], channel: 'P' })], ['P', 'FALLBACK']],
  ['no fallback behind a route that takes all', [aRoute({ channel: 'ALL' }), aRoute({ channel: 'LATER' })], ['ALL']],
  ['no route of another cluster', [aRoute({ clusters: ['dev'], channel: 'DEV' })], ['FALLBACK']],
  [
    'each once',
    [aRoute({ namespaces: ['a'], channel: 'P' }), aRoute({ labels: { x: '*' }, channel: 'P' })],
    ['P', 'FALLBACK'],
  ],
])('of the channels of a cluster: %s', (_, given, channels) => {
  expect(channelsFor('prod', given, 'FALLBACK')).toEqual(channels);
});

function aRoute(changes: Partial<Route>): Route {
  return { clusters: ['*'], namespaces: ['*'], labels: {}, channel: 'C', ...changes };
}
