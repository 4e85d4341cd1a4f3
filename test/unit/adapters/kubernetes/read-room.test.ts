import { expect, test } from 'vitest';
import { limitRangeOf, tightestQuota } from '../../../../src/adapters/kubernetes/read-room.ts';

const Mi = 2 ** 20;

function quota(name: string, hard: Record<string, string>, used: Record<string, string>) {
  return { metadata: { name }, status: { hard, used } };
}

test.each([
  [
    'limits',
    [quota('team', { 'limits.memory': '1Gi' }, { 'limits.memory': '768Mi' })],
    { name: 'team', leftBytes: 256 * Mi },
  ],
  [
    'the tighter of two',
    [
      quota('wide', { 'limits.memory': '8Gi' }, { 'limits.memory': '1Gi' }),
      quota('tight', { 'requests.memory': '512Mi' }, { 'requests.memory': '500Mi' }),
    ],
    { name: 'tight', leftBytes: 12 * Mi },
  ],
  [
    'one that is overdrawn has nothing left',
    [quota('team', { memory: '64Mi' }, { memory: '96Mi' })],
    { name: 'team', leftBytes: 0 },
  ],
  ['nothing used yet', [quota('team', { 'limits.memory': '1Gi' }, {})], { name: 'team', leftBytes: 1024 * Mi }],
  ['one about something else', [quota('cpus', { 'limits.cpu': '4' }, {})], null],
  ['none', [], null],
] as const)('a quota: %s', (_, quotas, expected) => {
  expect(tightestQuota([...quotas])).toEqual(expected);
});

function range(name: string, ...limits: object[]) {
  return { metadata: { name }, spec: { limits } };
}

test.each([
  [
    'bounds of containers',
    [range('sizes', { type: 'Container', max: { memory: '512Mi' }, min: { memory: '16Mi' } })],
    { name: 'sizes', minBytes: 16 * Mi, maxBytes: 512 * Mi },
  ],
  [
    'the narrower of two',
    [
      range('wide', { type: 'Container', max: { memory: '2Gi' } }),
      range('narrow', { type: 'Container', max: { memory: '256Mi' } }),
    ],
    { name: 'narrow', minBytes: null, maxBytes: 256 * Mi },
  ],
  ['bounds of pods are not of containers', [range('pods', { type: 'Pod', max: { memory: '1Gi' } })], null],
  ['defaults bound nothing', [range('defaults', { type: 'Container', default: { memory: '1Gi' } })], null],
] as const)('a LimitRange: %s', (_, ranges, expected) => {
  expect(limitRangeOf([...ranges])).toEqual(expected);
});
