import { expect, test } from 'vitest';
import { followable, followerOf, isBeingFollowed, mergedFor } from '../../../../src/core/incident/follow-up.ts';
import { remediationStates } from '../../../../src/core/incident/incident.ts';
import type { Remediation } from '../../../../src/core/incident/incident.ts';
import { transition, transitionAll } from '../../../../src/core/incident/transition.ts';
import type { Transition } from '../../../../src/core/incident/event.ts';
import { aLoaded, aPlan, aRemediation, killedAt } from '../../../fixtures/incidents.ts';

const by = 'UAMIRA';
const at = killedAt + 60_000;
const applied = { at: killedAt, seen: 'it runs.' };
const resized = { applied, means: 'resize' as const, temporary: true };
const undo = aPlan({
  id: 'PLAN-UND0AA',
  follows: { plan: aPlan().id, as: 'undo' },
  from: aPlan().to,
  to: aPlan().from,
  means: ['resize'],
});
const permanent = aPlan({ id: 'PLAN-PERM0A', follows: { plan: aPlan().id, as: 'make-permanent' } });

const inForce = ['applied', 'verifying', 'held', 'held-so-far', 'overshot', 'bought-time', 'inconclusive'];

function prepared(remediation: Remediation, plan = undo): Transition {
  return transition(aLoaded({ remediations: [remediation] }).incident, { type: 'prepared', plan, by, at });
}

test.each(remediationStates)('an undo of what is %s is prepared only while that is in the cluster', (state) => {
  expect(prepared(aRemediation(state, resized)).ok).toBe(inForce.includes(state));
});

test('nothing is made permanent that is so already', () => {
  expect(prepared(aRemediation('held', resized), permanent).ok).toBe(true);
  expect(prepared(aRemediation('held', { ...resized, temporary: false }), permanent)).toEqual({
    ok: false,
    refusal: 'wrong-state',
  });
});

test.each(['resize', 'patch-workload', 'roll-back', 'pull-request'] as const)(
  'what was done by %s is undone',
  (means) => {
    const remediation = aRemediation('held', { applied, means, plan: aPlan({ means: [means] }) });

    expect(prepared(remediation).ok).toBe(true);
    expect(followable({ remediations: [remediation] }, 'undo')?.plan.id).toBe(remediation.plan.id);
  },
);

const merged = { number: 12, url: 'https://forge.test/pull/12', merged: { by: null, at } };

test('the pull request of a change is its own, or the merged one that made it permanent', () => {
  const own = aRemediation('held', { applied, pullRequest: merged });
  const later = aRemediation('done', { plan: permanent, applied, pullRequest: { ...merged, number: 13 } });
  const waiting = aRemediation('applying', { plan: permanent, pullRequest: { ...merged, merged: null } });
  const find = (...remediations: Remediation[]): number | undefined =>
    mergedFor({ remediations }, aPlan().id)?.pullRequest?.number;

  expect(find(own)).toBe(12);
  expect(find(aRemediation('held', resized), later)).toBe(13);
  expect(find(aRemediation('held', resized), waiting)).toBeUndefined();
});

test('a change is looked at while its undo waits for a merge, and no more once that is merged', () => {
  const change = aRemediation('verifying', { applied, means: 'pull-request' });
  const follower = (pullRequest: Remediation['pullRequest'], plan = undo): Remediation =>
    aRemediation('applying', { plan, pullRequest });
  const isFollowed = (one: Remediation): boolean => isBeingFollowed({ remediations: [change, one] }, change);

  expect(isFollowed(follower(null))).toBe(true);
  expect(isFollowed(follower({ ...merged, merged: null }))).toBe(false);
  expect(isFollowed(follower(merged))).toBe(true);
  expect(isFollowed(follower(merged, permanent))).toBe(false);
});

test('a plan that follows another one is under way beside it, and a third has to wait', () => {
  const result = transitionAll(aLoaded({ remediations: [aRemediation('verifying', resized)] }).incident, [
    { type: 'prepared', plan: undo, by, at },
    { type: 'approved', plan: undo.id, by, at, approvals: [] },
  ]);
  if (!result.ok) throw new Error(result.refusal);

  expect(result.incident.remediations.map(({ state }) => state)).toEqual(['verifying', 'approved']);
  expect(followerOf(result.incident, aPlan().id)?.plan.id).toBe(undo.id);
  expect(transition(result.incident, { type: 'prepared', plan: permanent, by, at })).toEqual({
    ok: false,
    refusal: 'other-under-way',
  });
});

test.each([
  [undo, { state: 'undone', temporary: false, means: 'resize', endedAt: at }],
  [permanent, { state: 'verifying', temporary: false, means: 'patch-workload', endedAt: null }],
])('what it is about is moved once it was seen: %#', (plan, expected) => {
  const result = transitionAll(aLoaded({ remediations: [aRemediation('verifying', resized)] }).incident, [
    { type: 'prepared', plan, by, at },
    { type: 'approved', plan: plan.id, by, at, approvals: [] },
    { type: 'applying', plan: plan.id, at, means: plan === undo ? 'resize' : 'patch-workload' },
    { type: 'applied', plan: plan.id, at, seen: 'it runs.' },
  ]);
  if (!result.ok) throw new Error(result.refusal);

  expect(result.incident.remediations).toMatchObject([expected, { state: 'done' }]);
});

test('the latest change is the one that can be undone, and after it the one before', () => {
  const first = aRemediation('held', resized);
  const second = aRemediation('verifying', { ...resized, plan: aPlan({ id: 'PLAN-SEC0ND' }) });

  expect(followable({ remediations: [first, second] }, 'undo')?.plan.id).toBe('PLAN-SEC0ND');
  expect(followable({ remediations: [first, { ...second, state: 'failed' }] }, 'undo')).toBeNull();
  expect(followable({ remediations: [first, { ...second, state: 'undone' }] }, 'undo')?.plan.id).toBe(first.plan.id);
});

test('a merged pull request with the same limit makes a resize permanent', () => {
  const merging = aRemediation('applying', { plan: aPlan({ id: 'PLAN-F0RGE1', means: ['pull-request'] }) });
  const { incident } = aLoaded({ remediations: [aRemediation('held', resized), merging] });
  const result = transition(incident, { type: 'applied', plan: merging.plan.id, at, seen: 'it runs.' });

  expect(result.ok && result.incident.remediations[0]).toMatchObject({ state: 'held', temporary: false });
});
