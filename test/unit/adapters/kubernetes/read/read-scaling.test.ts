import { expect, test } from 'vitest';

import { scalingFacts } from '../../../../../src/adapters/kubernetes/read/read-scaling.ts';
import { scalingNote, scalingWords } from '../../../../../src/core/evidence/scaling.ts';

const web = { kind: 'Deployment', name: 'web' };
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

  expect(scalingFacts(web, [other, hpa('web', web, [onMemory(type)])], []).hpa).toEqual({
    name: 'web',
    onMemory: onIt,
  });
});

test('one on CPU alone has nothing to do with memory', () => {
  const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization' } } };

  expect(scalingFacts(web, [hpa('web', web, [cpu])], []).hpa?.onMemory).toBe('no');
});

test.each([
  ['Off', ''],
  [undefined, ' VPA web (Recreate) sets the memory of new pods itself'],
  ['InPlaceOrRecreate', ' VPA web (InPlaceOrRecreate) sets the memory of new pods itself'],
])('a VPA in mode %s is told of a change only where it would undo it', (mode, words) => {
  const note = scalingNote(scalingFacts(web, [], [vpa(mode)]));

  expect(note.startsWith(words)).toBe(true);
  expect(note === '').toBe(words === '');
});

test('both are evidence in one line', () => {
  const facts = scalingFacts(web, [hpa('web', web, [onMemory('Utilization')])], [vpa('Off')]);

  expect(scalingWords(facts)).toBe('HPA web on memory as a share of the request; VPA web (Off)');
  expect(scalingNote(facts)).toContain('with a higher request it runs fewer pods');
});
