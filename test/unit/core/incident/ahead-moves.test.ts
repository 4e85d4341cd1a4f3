import { describe, expect, test } from 'vitest';
import type { IncidentEvent } from '../../../../src/core/incident/event.ts';
import type { Incident } from '../../../../src/core/incident/incident.ts';
import { transition, transitionAll } from '../../../../src/core/incident/transition.ts';
import { warningSentence, warningTitle } from '../../../../src/core/incident/warning.ts';
import type { Warning } from '../../../../src/core/incident/warning.ts';
import { aKill, anIncident, Mi } from '../../../fixtures/incidents.ts';

const at = Date.UTC(2026, 10, 25, 14);
const minute = 60_000;
const onCourse: Warning = {
  at,
  of: { is: 'on-course', reachesAt: at + 40 * minute, bytesPerSecond: (4.1 * Mi) / 60, usedBytes: 348 * Mi },
  calm: null,
};
const ahead: Incident = anIncident({ trigger: { ...aKill(), kind: 'ahead', warning: onCourse } });
const alert = { fingerprint: 'f', startsAt: 's', name: 'MemoryHigh', summary: '', resolvedAt: null };
const came: IncidentEvent = { type: 'came', kill: aKill(), at };
const calmed: IncidentEvent = { type: 'calmed', calm: 'came-down', at };
const alerted: IncidentEvent = { type: 'alerted', alert, at };
const resolved: IncidentEvent = { type: 'alert-resolved', alert, at };
const closed: Incident = { ...ahead, state: { is: 'closed', outcome: 'quiet', at } };

test.each<[string, Incident, readonly IncidentEvent[], string]>([
  ['a kill in an incident that a kill opened', anIncident(), [came], 'not-ahead'],
  ['calm in an incident that a kill opened', anIncident(), [calmed], 'not-ahead'],
  ['calm after the kill came', ahead, [came, calmed], 'not-ahead'],
  ['the kill twice', ahead, [came, came], 'not-ahead'],
  ['a kill in a closed one', closed, [came], 'incident-closed'],
  ['calm twice', ahead, [calmed, calmed], 'incident-closed'],
  ['an alert twice', ahead, [alerted, alerted], 'known-alert'],
  ['the end of an alert that nobody heard', ahead, [resolved], 'no-such-alert'],
  ['the end of an alert twice', ahead, [alerted, resolved, resolved], 'no-such-alert'],
  ['an alert in a closed one', closed, [alerted], 'incident-closed'],
])('refused: %s', (_, incident, events, refusal) => {
  expect(transitionAll(incident, events)).toEqual({ ok: false, refusal });
});

test('the kill takes the place of what was warned of, and is told in the channel', () => {
  const result = transition(ahead, came);

  if (!result.ok) throw new Error(result.refusal);
  expect(result.incident).toEqual({ ...ahead, trigger: aKill() });
  expect(result.entries.map(({ broadcast }) => broadcast)).toEqual([true]);
});

test('calm closes it and says why', () => {
  const result = transition(ahead, calmed);

  if (!result.ok) throw new Error(result.refusal);
  expect(result.incident.state).toEqual({ is: 'closed', outcome: 'calmed', at });
  expect(result.incident.trigger).toMatchObject({ warning: { calm: 'came-down' } });
  expect(result.entries.map(({ text }) => text)).toEqual(['Closed without a kill: its memory came down on its own.']);
});

describe('of alerts without end', () => {
  const fires = (n: number): IncidentEvent => ({ type: 'alerted', alert: { ...alert, fingerprint: `f${n}` }, at });
  const ends = (n: number): IncidentEvent => ({
    type: 'alert-resolved',
    alert: { ...alert, fingerprint: `f${n}` },
    at,
  });
  const fifty = Array.from({ length: 50 }, (_, n) => fires(n));

  test('no more are heard while all of those that are remembered fire', () => {
    expect(transitionAll(ahead, [...fifty, fires(50)])).toMatchObject({ ok: false, refusal: 'known-alert' });
  });

  test('one that has ended makes room', () => {
    const result = transitionAll(ahead, [...fifty, ends(7), fires(50)]);

    if (!result.ok) throw new Error(result.refusal);
    const kept = result.incident.alerts.map(({ fingerprint }) => fingerprint);
    expect(kept).toHaveLength(50);
    expect(kept).not.toContain('f7');
    expect(kept.at(-1)).toBe('f50');
  });
});

test.each<[Warning['of'], string, string]>([
  [onCourse.of, 'On course to its limit', 'Grows 4.1 Mi/min, reaches 512Mi at about 14:40 UTC'],
  [
    { is: 'rising-near-limit', bytesPerSecond: Mi / 60, usedBytes: 430 * Mi },
    'Near its limit and rising',
    'Uses 430Mi (84%) of 512Mi and grows 1 Mi/min',
  ],
  [
    { is: 'stalled', share: 0.25, usedBytes: 500 * Mi },
    'Stalled, short of memory',
    'It spends 25% of the time waiting for memory, at 500Mi (98%) of 512Mi',
  ],
  [{ is: 'alert', name: 'MemoryHigh', summary: '' }, 'Alert about memory', 'Alertmanager says MemoryHigh'],
])('what is warned of is said in plain words: %o', (of, title, sentence) => {
  expect(warningTitle({ ...onCourse, of })).toBe(title);
  expect(warningSentence({ ...onCourse, of }, 512 * Mi)).toBe(sentence);
});
