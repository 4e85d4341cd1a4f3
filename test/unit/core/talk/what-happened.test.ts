import { expect, test } from 'vitest';
import { remediationStates } from '../../../../src/core/incident/incident.ts';
import { whatHappened } from '../../../../src/core/talk/what-happened.ts';
import { anIncident, aRemediation, killedAt } from '../../../fixtures/incidents.ts';

const click = { action: 'apply', plan: 'PLAN-7F3K2A' } as const;
const by = { by: 'UAMIRA', at: killedAt };

const open = ['proposed', 'requested'] as const;

test.each(open)('a plan that is %s can still be decided', (state) => {
  expect(whatHappened(anIncident({ remediations: [aRemediation(state)] }), click)).toBeNull();
});

test.each(remediationStates.filter((state) => !open.some((one) => one === state)))(
  'a click on a plan that is %s is told what became of it',
  (state) => {
    const remediation = aRemediation(state, {
      approved: by,
      rejected: state === 'rejected' ? { ...by, reason: '' } : null,
    });

    const told = whatHappened(anIncident({ remediations: [remediation] }), click);

    expect(told?.text).toContain('PLAN-7F3K2A');
  },
);

test('a click on a replaced plan is told so', () => {
  const told = whatHappened(anIncident(), click);

  expect(told?.text).toContain('replaced by a newer one');
});

test('an approved plan names who approved it', () => {
  const told = whatHappened(anIncident({ remediations: [aRemediation('applying', { approved: by })] }), click);

  expect(told).toEqual({
    text: '{0} approved PLAN-7F3K2A at 2026-11-24 14:02:11 UTC; it is being applied now. It is done only once.',
    people: ['UAMIRA'],
  });
});

const applied = { at: killedAt, seen: 'it runs.' };
const done = { approved: by, applied, means: 'resize' as const };

test.each(['verifying', 'held'] as const)('what is %s can still be undone', (state) => {
  const incident = anIncident({ remediations: [aRemediation(state, done)] });

  expect(whatHappened(incident, { action: 'undo', plan: 'PLAN-7F3K2A' })).toBeNull();
});

test.each([
  ['undone', 'undone since'],
  ['failed', 'did not work'],
  ['vanished', 'gone again'],
] as const)('a click on Undo of what is %s says what became of it', (state, words) => {
  const incident = anIncident({ remediations: [aRemediation(state, done)] });

  expect(whatHappened(incident, { action: 'undo', plan: 'PLAN-7F3K2A' })?.text).toContain(words);
});

test('a click on Make permanent of what the template has says so', () => {
  const incident = anIncident({ remediations: [aRemediation('held', { ...done, means: 'patch-workload' })] });

  expect(whatHappened(incident, { action: 'make-permanent', plan: 'PLAN-7F3K2A' })?.text).toContain(
    'is in the pod template by now',
  );
});

test('acknowledging twice names who did it first', () => {
  const told = whatHappened(anIncident({ acknowledged: by }), { action: 'acknowledge', plan: null });

  expect(told).toEqual({ text: '{0} acknowledged INC-7F3K at 2026-11-24 14:02:11 UTC.', people: ['UAMIRA'] });
});

test('a closed incident answers every click', () => {
  const closed = anIncident({ state: { is: 'closed', outcome: 'gone', at: killedAt } });

  const told = whatHappened(closed, { action: 'acknowledge', plan: null });

  expect(told?.text).toContain('the workload was deleted');
});
