import { expect, test } from 'vitest';
import {
  limitRangeOf,
  requestedByOthers,
  tightestQuota,
} from '../../../../../src/adapters/kubernetes/read/read-room.ts';

const Mi = 2 ** 20;

function quota(name: string, hard: Record<string, string>, used: Record<string, string>, spec: object = {}) {
  return { metadata: { name }, spec, status: { hard, used } };
}

const full = { 'limits.memory': '1Gi' };
const ofBatch = { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['batch'] }] };
const ofLasting = { matchExpressions: [{ scopeName: 'NotTerminating', operator: 'Exists' }] };

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
  ['one that is only for pods that end', [quota('jobs', full, full, { scopes: ['Terminating'] })], null],
  ['one that is only for some priorities', [quota('batch', full, full, { scopeSelector: ofBatch })], null],
  [
    'those for pods that last, as most do',
    [quota('apps', full, full, { scopes: ['NotTerminating', 'NotBestEffort'] })],
    { name: 'apps', leftBytes: 0 },
  ],
  ['the same as a selector', [quota('apps', full, full, { scopeSelector: ofLasting })], { name: 'apps', leftBytes: 0 }],
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

function neighbour(uid: string, spec: object, phase = 'Running') {
  return { metadata: { uid }, spec, status: { phase } };
}

function asking(memory: string, restartPolicy?: string) {
  return { resources: { requests: { memory } }, ...(restartPolicy === undefined ? {} : { restartPolicy }) };
}

test.each([
  ['containers', [neighbour('b', { containers: [asking('64Mi'), asking('32Mi')] })], 96],
  ['sidecars', [neighbour('b', { containers: [asking('64Mi')], initContainers: [asking('32Mi', 'Always')] })], 96],
  ['a start that needs more', [neighbour('b', { containers: [asking('64Mi')], initContainers: [asking('96Mi')] })], 96],
  ['the whole pod', [neighbour('b', { ...asking('128Mi'), containers: [asking('64Mi')] })], 128],
  ['what its runtime takes', [neighbour('b', { containers: [asking('64Mi')], overhead: { memory: '16Mi' } })], 80],
  ['pods that ask for nothing', [neighbour('b', { containers: [{}] })], 0],
  ['pods that have ended', [neighbour('b', { containers: [asking('64Mi')] }, 'Succeeded')], 0],
  ['the pod itself', [neighbour('a', { containers: [asking('64Mi')] })], 0],
] as const)('what others ask of a node: %s', (_, pods, mebibytes) => {
  expect(requestedByOthers([...pods], 'a')).toBe(mebibytes * Mi);
});
