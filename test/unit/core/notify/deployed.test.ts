import { expect, test } from 'vitest';
import { deployedOf } from '../../../../src/core/notify/deployed.ts';
import { killedAt } from '../../../fixtures/incidents.ts';

const nothing = { image: null, commit: null, writers: [] };
const minute = 60_000;

function at(startedAt: number | null) {
  return { startedAt, change: null };
}

test.each([
  ['shop/checkout:1.4.3', '1.4.3'],
  ['registry:5000/shop/checkout', null],
  ['registry:5000/shop/checkout:main@sha256:3f2a1bc9d0e1f2a3b4c5', 'main'],
  ['shop/checkout@sha256:3f2a1bc9d0e1f2a3b4c5', '3f2a1bc9d0e1'],
])('the version of %s is %s', (image, version) => {
  expect(deployedOf({ ...nothing, image }, at(0))?.version).toBe(version);
});

test.each([
  ['3f2a1bc9d0e1f2a3b4c5d6e7f8a9b0c1d2e3f4a5', '3f2a1bc'],
  ['main@sha1:3f2a1bc9d0e1f2a3b4c5d6e7f8a9b0c1d2e3f4a5', '3f2a1bc'],
  ['<!channel>', null],
  ['v1.4', null],
])('the commit of %s is %s', (commit, short) => {
  expect(deployedOf({ ...nothing, commit }, at(0))?.commit).toBe(short);
});

test('by whoever wrote the template about when the revision began, and by nobody who did it later', () => {
  const writers = [
    { name: 'kubectl-edit', at: killedAt },
    { name: 'argocd-controller', at: killedAt - 120 * minute },
  ];

  expect(deployedOf({ ...nothing, writers }, at(killedAt - 119 * minute))?.by).toBe('argocd-controller');
  expect(deployedOf({ ...nothing, writers }, at(killedAt - 60 * minute))?.by).toBeNull();
  expect(deployedOf({ ...nothing, writers }, at(null))).toMatchObject({ at: killedAt, by: 'kubectl-edit' });
});

test('nothing is known where nobody says anything', () => {
  expect(deployedOf(nothing, at(null))).toBeNull();
});

test('the change of its file that was rolled out names commit and person, before any program; an older one is of something else', () => {
  const startedAt = killedAt - 60 * minute;
  const writers = [{ name: 'argocd-controller', at: startedAt }];
  const changed = (minutesBefore: number) =>
    deployedOf(
      { ...nothing, writers },
      { startedAt, change: { commit: '3f2a1bc9d0e1f2a3', by: 'amira', at: startedAt - minutesBefore * minute } },
    );

  expect(changed(5)).toMatchObject({ commit: '3f2a1bc', by: 'amira' });
  expect(changed(61)).toMatchObject({ commit: null, by: 'argocd-controller' });
  expect(changed(-2)).toMatchObject({ commit: null, by: 'argocd-controller' });
});
