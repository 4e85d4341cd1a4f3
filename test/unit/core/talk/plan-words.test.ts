import { expect, test } from 'vitest';
import { stepsWords } from '../../../../src/core/talk/plan-words.ts';
import { aPlan } from '../../../fixtures/incidents.ts';

const cronJob = { apiVersion: 'batch/v1', kind: 'CronJob', namespace: 'shop', name: 'report', uid: 'u' };

test.each([
  [
    aPlan({ means: ['resize', 'patch-workload'] }),
    'Running pods are resized without a restart. If that fails, a rolling restart follows.',
  ],
  [aPlan({ means: ['patch-workload'] }), 'A rolling restart follows.'],
  [aPlan({ means: ['patch-workload'], workload: cronJob }), 'Its next run uses it.'],
  [
    aPlan({ means: ['pull-request'] }),
    'A pull request for its source file is opened, and nothing changes before it is merged.',
  ],
])('whoever confirms a change reads what will happen, one step after the other', (plan, words) => {
  expect(stepsWords(plan)).toBe(words);
});
