import { expect, test } from 'vitest';

import { scalingFacts } from '../../../../../src/adapters/kubernetes/read/read-scaling.ts';
import { scalingNote, scalingWords } from '../../../../../src/core/evidence/scaling.ts';

const web = { kind: 'Deployment', name: 'web' };
const none = { hpas: [], vpas: [], scaledObjects: [] };
const onMemory = (type: string) => ({ type: 'Resource', resource: { name: 'memory', target: { type } } });
const hpa = (name: string, of: object, metrics: readonly object[]) => ({
  metadata: { name },
  spec: { scaleTargetRef: of, metrics },
});
const vpa = (updateMode?: string) => ({
  metadata: { name: 'web' },
  spec: { targetRef: web, ...(updateMode === undefined ? {} : { updatePolicy: { updateMode } }) },
});

test.each([
  ['Utilization', 'share'],
  ['AverageValue', 'value'],
] as const)('an HPA with a target of %s scales by %s', (type, onIt) => {
  const other = hpa('api', { kind: 'Deployment', name: 'api' }, [onMemory('Utilization')]);

  expect(scalingFacts(web, { ...none, hpas: [other, hpa('web', web, [onMemory(type)])] }).scaler).toEqual({
    kind: 'HPA',
    name: 'web',
    onMemory: onIt,
  });
});

test('one on CPU alone has nothing to do with memory', () => {
  const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization' } } };

  expect(scalingFacts(web, { ...none, hpas: [hpa('web', web, [cpu])] }).scaler?.onMemory).toBe('no');
});

test.each([
  ['Off', ''],
  [undefined, ' VPA web (Recreate) sets the memory of new pods itself'],
  ['InPlaceOrRecreate', ' VPA web (InPlaceOrRecreate) sets the memory of new pods itself'],
])('a VPA in mode %s is told of a change only where it would undo it', (mode, words) => {
  const note = scalingNote(scalingFacts(web, { ...none, vpas: [vpa(mode)] }));

  expect(note.startsWith(words)).toBe(true);
  expect(note === '').toBe(words === '');
});

test('both are evidence in one line', () => {
  const facts = scalingFacts(web, { ...none, hpas: [hpa('web', web, [onMemory('Utilization')])], vpas: [vpa('Off')] });

  expect(scalingWords(facts)).toBe('HPA web on memory as a share of the request; VPA web (Off)');
  expect(scalingNote(facts)).toContain('with a higher request it runs fewer pods');
});

const scaled = (triggers: readonly object[], scaleTargetRef: object = { name: 'web' }, annotations = {}) => ({
  metadata: { name: 'web-scaler', annotations },
  spec: { scaleTargetRef, triggers },
});
const onUse = { type: 'memory', metricType: 'Utilization', metadata: { value: '60' } };

test.each([
  ['a share of the request', [onUse], 'share'],
  ['a share, as older ones say it', [{ type: 'memory', metadata: { type: 'Utilization', value: '60' } }], 'share'],
  ['a value', [{ ...onUse, metricType: 'AverageValue' }], 'value'],
  ['a queue', [{ type: 'kafka', metadata: {} }], 'no'],
] as const)('a ScaledObject on %s, whose HPA is not seen', (_, triggers, is) => {
  expect(scalingFacts(web, { ...none, scaledObjects: [scaled(triggers)] }).scaler).toEqual({
    kind: 'ScaledObject',
    name: 'web-scaler',
    onMemory: is,
  });
});

test.each([
  ['of a StatefulSet of that name', scaled([onUse], { kind: 'StatefulSet', name: 'web' })],
  ['of another Deployment', scaled([onUse], { name: 'api' })],
  ['that is paused', scaled([onUse], { name: 'web' }, { 'autoscaling.keda.sh/paused': 'true' })],
  ['that is paused at a number', scaled([onUse], { name: 'web' }, { 'autoscaling.keda.sh/paused-replicas': '2' })],
])('a ScaledObject %s scales nothing here', (_, object) => {
  expect(scalingFacts(web, { ...none, scaledObjects: [object] }).scaler).toBeNull();
});

test('the HPA that KEDA made of a ScaledObject is told once, by the name of that one', () => {
  const made = hpa('keda-hpa-web-scaler', web, [onMemory('Utilization')]);
  const ownerReferences = [{ apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: 'web-scaler' }];
  const facts = scalingFacts(web, {
    ...none,
    hpas: [{ ...made, metadata: { ...made.metadata, ownerReferences } }],
    scaledObjects: [scaled([onUse])],
  });

  expect(scalingWords(facts)).toBe('ScaledObject web-scaler on memory as a share of the request');
  expect(scalingNote(facts)).toBe(
    ' ScaledObject web-scaler scales on memory as a share of the request, so with a higher request it runs fewer pods.',
  );
});
