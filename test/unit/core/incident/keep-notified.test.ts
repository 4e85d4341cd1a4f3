import { expect, test } from 'vitest';
import { auditLines } from '../../../../src/core/incident/audit.ts';
import type { IncidentEvent } from '../../../../src/core/incident/event.ts';
import { transition } from '../../../../src/core/incident/transition.ts';
import type { Severity } from '../../../../src/core/notify/severity.ts';
import { aLoaded, anImpact, killedAt } from '../../../fixtures/incidents.ts';

const { incident } = aLoaded();
const at = killedAt + 60_000;
const closed = { is: 'closed', outcome: 'quiet', at } as const;

function notified(level: number): IncidentEvent {
  return { type: 'notified', notified: { level, people: ['S0SHOP'], at }, text: '{0}: nobody takes care of it.' };
}

test('what was read of the impact replaces what was read before, and leaves no line', () => {
  const severity: Severity = 'low';
  const before = { ...incident, impact: anImpact() };

  const after = transition(before, { type: 'assessed', impact: anImpact({ severity }) });

  expect(after).toMatchObject({ ok: true, incident: { impact: { severity: 'low' } }, entries: [] });
});

test('each level is notified once, by a line in the thread with their mention', () => {
  const first = transition(incident, notified(1));
  if (!first.ok) throw new Error(first.refusal);

  expect(first.entries).toMatchObject([{ audience: { to: 'thread' }, people: ['S0SHOP'], at }]);
  expect(transition(first.incident, notified(1))).toEqual({ ok: false, refusal: 'already-notified' });
  expect(transition(first.incident, notified(2))).toMatchObject({ ok: true });
});

test.each([
  ['it is acknowledged', { acknowledged: { by: 'UAMIRA', at } }, 'already-acknowledged'],
  ['it is closed', { state: closed }, 'incident-closed'],
])('nobody is notified once %s', (_, changes, refusal) => {
  expect(transition({ ...incident, ...changes }, notified(1))).toEqual({ ok: false, refusal });
});

test('a closed incident is not assessed', () => {
  const event = { type: 'assessed', impact: anImpact() } as const;

  expect(transition({ ...incident, state: closed }, event)).toEqual({ ok: false, refusal: 'incident-closed' });
});

test('the audit record says who was notified, and that nobody did it', () => {
  expect(auditLines(incident, [notified(1)])).toMatchObject([
    { what: 'notified', by: null, text: 'S0SHOP: nobody takes care of it.' },
  ]);
});
