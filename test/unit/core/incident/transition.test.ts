import { describe, expect, test } from 'vitest';
import { remediationStates } from '../../../../src/core/incident/incident.ts';
import type { RemediationState } from '../../../../src/core/incident/incident.ts';
import { proposals, transition, transitionAll } from '../../../../src/core/incident/transition.ts';
import type { RemediationEvent } from '../../../../src/core/incident/event.ts';
import {
  aLoaded,
  anExplanation,
  aPlan,
  aRemediation,
  aVerified,
  aWatched,
  killedAt,
} from '../../../fixtures/incidents.ts';

const plan = aPlan().id;
const at = killedAt + 60_000;
const by = 'U1';

const events: Readonly<Record<RemediationEvent['type'], RemediationEvent>> = {
  requested: {
    type: 'requested',
    plan,
    by,
    at,
    expiresAt: at + 1,
    secondPerson: false,
    approvers: ['UAMIRA'],
    approvals: [],
  },
  'half-approved': { type: 'half-approved', plan, by, at, approvers: ['UAMIRA'], approvals: [] },
  approved: { type: 'approved', plan, by, at, approvals: [{ by, at, groups: [] }] },
  rejected: { type: 'rejected', plan, by, at, reason: '' },
  reminded: { type: 'reminded', plan, at },
  expired: { type: 'expired', plan, at, why: 'nobody approved it in time' },
  stale: { type: 'stale', plan, at, why: 'the limit was changed.' },
  applying: { type: 'applying', plan, at, means: 'resize' },
  wrote: { type: 'wrote', plan, at },
  'pull-request-opened': { type: 'pull-request-opened', plan, at, number: 7, url: 'https://forge.test/7' },
  'pull-request-merged': { type: 'pull-request-merged', plan, at, login: 'amira', mergedAt: at },
  'pull-request-closed': { type: 'pull-request-closed', plan, at, login: null },
  'fell-back': { type: 'fell-back', plan, at, means: 'patch-workload', why: 'It did nothing.' },
  applied: { type: 'applied', plan, at, seen: '640Mi everywhere.' },
  watched: aWatched({ at }),
  looked: { type: 'looked', plan, at, kills: 2 },
  verified: aVerified({ at }),
  failed: { type: 'failed', plan, at, why: 'forbidden.' },
};

const table: Partial<Record<RemediationState, Partial<Record<RemediationEvent['type'], RemediationState>>>> = {
  proposed: { requested: 'requested', approved: 'approved', rejected: 'rejected', stale: 'stale' },
  requested: {
    'half-approved': 'requested',
    approved: 'approved',
    rejected: 'rejected',
    reminded: 'requested',
    expired: 'expired',
    stale: 'stale',
  },
  approved: { expired: 'expired', stale: 'stale', applying: 'applying', failed: 'failed' },
  applying: {
    expired: 'expired',
    stale: 'stale',
    wrote: 'applying',
    'pull-request-opened': 'applying',
    'pull-request-merged': 'applying',
    'pull-request-closed': 'rejected',
    'fell-back': 'applying',
    applied: 'applied',
    failed: 'failed',
  },
  applied: { watched: 'verifying', verified: 'held', looked: 'applied' },
  verifying: { verified: 'held', looked: 'verifying' },
  held: { verified: 'held', looked: 'held' },
  'held-so-far': { verified: 'held', looked: 'held-so-far' },
  overshot: { verified: 'held', looked: 'overshot' },
  'bought-time': { verified: 'held', looked: 'bought-time' },
};

const cells = remediationStates.flatMap((state) =>
  Object.values(events).map((event) => ({ state, event: event.type, next: table[state]?.[event.type] ?? null })),
);

test.each(cells)('in state $state, $event leads to $next', ({ state, event, next }) => {
  const { incident } = aLoaded({ remediations: [aRemediation(state)] });

  const result = transition(incident, events[event]);

  expect(result.ok ? result.incident.remediations[0]?.state : null).toBe(next);
});

test('an event for a plan that does not exist is refused', () => {
  const { incident } = aLoaded({ remediations: [] });

  expect(transition(incident, events.approved)).toEqual({ ok: false, refusal: 'no-such-plan' });
});

test('nothing happens to a remediation of a closed incident', () => {
  const { incident } = aLoaded({
    state: { is: 'closed', outcome: 'quiet', at },
    remediations: [aRemediation('proposed')],
  });

  expect(transition(incident, events.approved)).toEqual({ ok: false, refusal: 'incident-closed' });
});

test('a new plan replaces one that nobody has asked for', () => {
  const { incident } = aLoaded({ remediations: [aRemediation('proposed')] });
  const next = aPlan({ id: 'PLAN-NEWER1' });

  const result = transition(incident, explained(next));

  expect(result.ok && result.incident.remediations.map((one) => one.plan.id)).toEqual(['PLAN-NEWER1']);
});

test.each(['requested', 'approved', 'applying', 'applied', 'verifying'] as const)(
  'a new plan waits while one is %s',
  (state) => {
    const { incident } = aLoaded({ remediations: [aRemediation(state)] });

    const result = transition(incident, explained(aPlan({ id: 'PLAN-NEWER1' })));

    expect(result.ok && result.incident.remediations.map((one) => one.plan.id)).toEqual([plan]);
  },
);

test.each(['rejected', 'failed', 'held'] as const)('a plan that is %s is not proposed again', (state) => {
  const { incident } = aLoaded({ remediations: [aRemediation(state)] });

  const result = transition(incident, explained(aPlan()));

  expect(result.ok && proposals(result.incident)).toEqual([]);
});

test('an incident is acknowledged once', () => {
  const first = transition(aLoaded().incident, { type: 'acknowledged', by, at });

  const again = first.ok ? transition(first.incident, { type: 'acknowledged', by: 'U2', at }) : first;

  expect(again).toEqual({ ok: false, refusal: 'already-acknowledged' });
});

test('of several events in a row all happen or none', () => {
  const { incident } = aLoaded({ remediations: [aRemediation('proposed')] });

  const result = transitionAll(incident, [events.approved, events.applied]);

  expect(result).toEqual({ ok: false, refusal: 'wrong-state' });
});

test('what happened stands in the thread, and a fix that failed also in the channel', () => {
  const { incident } = aLoaded({ remediations: [aRemediation('verifying')] });

  const result = transition(incident, aVerified({ outcome: 'failed', seen: 'killed once at 640Mi.' }));

  expect(result.ok && result.entries).toMatchObject([
    { audience: { to: 'thread' }, broadcast: true, text: 'The fix did not hold: killed once at 640Mi.' },
  ]);
});

test.each([
  [null, null, 'Bought time: it runs.'],
  [at, null, 'Reminder: it runs.'],
  [at, 'as-expected', 'Killed as expected: it runs.'],
  [at, 'did-not-come', 'Bought more time than expected: it runs.'],
] as const)('a mitigation is never said to have held: reminded at %s, %s', (remindedAt, kept, text) => {
  const { incident } = aLoaded({ remediations: [aRemediation('bought-time', { effect: 'mitigation' })] });
  const promise = { at: at + 1, by: 'runs', madeAt: at, remindedAt, kept } as const;

  const result = transition(incident, aVerified({ at, outcome: 'bought-time', seen: 'it runs.', promise }));

  expect(result.ok && result.entries).toMatchObject([{ text }]);
});

test('a check that says too little leaves it watched, and the list of checks grows', () => {
  const { incident } = aLoaded({ remediations: [aRemediation('verifying')] });

  const early = transition(incident, aVerified({ outcome: 'watching', verifyAt: at + 5 }));
  const late = early.ok ? transition(early.incident, aVerified({ outcome: 'not-measured' })) : early;

  expect(early.ok && early.incident.remediations).toMatchObject([{ state: 'verifying', verifyAt: at + 5 }]);
  expect(late.ok && late.incident.remediations).toMatchObject([
    { state: 'held-so-far', checks: [{ outcome: 'watching' }, { outcome: 'not-measured' }] },
  ]);
});

test('a changed CronJob is not said to be rolled out', () => {
  const workload = { apiVersion: 'batch/v1', kind: 'CronJob', namespace: 'shop', name: 'report', uid: 'u1' };
  const { incident } = aLoaded({ remediations: [aRemediation('approved', { plan: aPlan({ workload }) })] });

  const result = transition(incident, { type: 'applying', plan, at, means: 'patch-workload' });

  expect(result.ok && result.entries).toMatchObject([
    { text: 'Applying limit 640Mi: new pod template (its next run uses it).' },
  ]);
});

test('the words of a server that end without a full stop get one before the sentence goes on', () => {
  const { incident } = aLoaded({ remediations: [aRemediation('applying', { means: 'resize' })] });

  const result = transition(incident, {
    type: 'fell-back',
    plan,
    at,
    means: 'patch-workload',
    why: 'The API server answered with 403: exceeded quota',
  });

  expect(result.ok && result.entries).toMatchObject([
    { text: expect.stringContaining('403: exceeded quota. Going on with the approved alternative') },
  ]);
});

function explained(proposed: ReturnType<typeof aPlan>) {
  return { type: 'explained', explained: anExplanation(), plans: [proposed], mode: 'act', entries: [] } as const;
}

describe('several plans', () => {
  const forge = aPlan({ id: 'PLAN-FORGE1', means: ['pull-request'] });
  const back = aPlan({ id: 'PLAN-BACK01', means: ['roll-back'] });
  const statesAfter = (remediations: readonly ReturnType<typeof aRemediation>[], event: RemediationEvent) => {
    const result = transition(aLoaded({ remediations: [...remediations] }).incident, event);
    return result.ok ? result.incident.remediations.map((one) => [one.plan.id, one.state]) : result.refusal;
  };

  test('what is asked for withdraws its alternatives, and not the pull request', () => {
    const offered = [back, aPlan(), forge].map((one) => aRemediation('proposed', { plan: one }));

    expect(statesAfter(offered, events.approved)).toEqual([
      [plan, 'approved'],
      [forge.id, 'proposed'],
    ]);
  });

  test('while one changes the cluster no other one can begin, but a pull request can', () => {
    const busy = [aRemediation('applying', { plan: back }), aRemediation('proposed')];
    const asked = { ...events.approved, plan: forge.id };

    expect(statesAfter(busy, events.approved)).toBe('other-under-way');
    expect(statesAfter([...busy, aRemediation('proposed', { plan: forge })], asked)).toContainEqual([
      forge.id,
      'approved',
    ]);
  });

  test('a merge that is seen in the cluster withdraws what was offered for it', () => {
    const merged = [aRemediation('applying', { plan: forge }), aRemediation('proposed')];

    expect(statesAfter(merged, { ...events.applied, plan: forge.id })).toEqual([[forge.id, 'applied']]);
  });

  test('an edited value takes the place of the plan that was seen, and of nothing else', () => {
    const offered = [aRemediation('proposed'), aRemediation('proposed', { plan: forge })];
    const edited = { type: 'edited', plan: aPlan({ id: 'PLAN-EDIT01' }), instead: plan, by, at } as const;
    const result = transition(aLoaded({ remediations: offered }).incident, edited);

    expect(result.ok && result.incident.remediations.map((one) => one.plan.id)).toEqual([forge.id, 'PLAN-EDIT01']);
  });

  test('an edited value that is offered already takes its place, and what has ended stays as it was', () => {
    const edited = { type: 'edited', plan: aPlan({ id: 'PLAN-EDIT01' }), instead: plan, by, at } as const;
    const beside = (state: RemediationState) =>
      transition(
        aLoaded({ remediations: [aRemediation(state, { plan: edited.plan }), aRemediation('proposed')] }).incident,
        edited,
      );

    expect(beside('proposed')).toMatchObject({ ok: true, incident: { remediations: [{ state: 'proposed' }] } });
    expect(beside('failed')).toEqual({ ok: false, refusal: 'wrong-state' });
  });

  test('a silence over a workload can be ended from a closed incident too', () => {
    const silence = { scope: 'workload', by, at, until: at + 1 } as const;
    const { incident } = aLoaded({ silence, state: { is: 'closed', outcome: 'quiet', at } });

    expect(transition(incident, { type: 'unsilenced', by, at }).ok).toBe(true);
  });
});
