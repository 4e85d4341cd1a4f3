import { expect, test } from 'vitest';
import { remediationStates } from '../../../../src/core/incident/incident.ts';
import type { Incident, Loaded, RemediationState, Request, Warned } from '../../../../src/core/incident/incident.ts';
import { nextStep } from '../../../../src/core/incident/next-step.ts';
import type { Step } from '../../../../src/core/incident/next-step.ts';
import { alertsRestMs } from '../../../../src/core/incident/alerts-over.ts';
import { transition } from '../../../../src/core/incident/transition.ts';
import { warningOf } from '../../../../src/core/incident/triggers.ts';
import type { Alert, Warning } from '../../../../src/core/incident/warning.ts';
import type { IncidentEvent } from '../../../../src/core/incident/event.ts';
import { generator } from '../../../random.ts';
import {
  aKill,
  aLoaded,
  anExplanation,
  aPlan,
  aRemediation,
  aVerified,
  aWatched,
  killedAt,
  Mi,
} from '../../../fixtures/incidents.ts';

/*
 * What must be true of every incident that can be stored, whatever its times are: many of them, drawn by a generator
 * that is the same in every run.
 */
const pace = { explainAgainMs: 30_000, settleMs: 75_000, refreshMs: 3_600_000, impactEveryMs: 60_000 };
const hour = 3_600_000;
const by = 'U1';
/** States that still wait for somebody or something. */
const live: readonly RemediationState[] = ['proposed', 'requested', 'approved', 'applying', 'applied', 'verifying'];

const aCheck = { at: killedAt, outcome: 'held', seen: '', mostBytes: null, enoughBytes: null } as const;

interface Drawn {
  readonly loaded: Loaded;
  readonly now: number;
}

function draw(random: () => number): Drawn {
  const now = killedAt + Math.round(random() * 9 * 24 * hour);
  const some = (): number => killedAt + Math.round(random() * (now - killedAt));
  const or = <T>(value: T): T | null => (random() < 0.5 ? value : null);
  const isAhead = random() < 0.3;
  const count = isAhead && random() < 0.7 ? 0 : 1 + Math.floor(random() * 25);
  const recent = Array.from({ length: Math.min(20, count) }, () => {
    const seenAt = some();
    const limit = random() < 0.5 ? 512 * Mi : 640 * Mi;
    return aKill({ seenAt, finishedAt: new Date(seenAt).toISOString(), limitBytes: limit, limitInForceBytes: limit });
  }).toSorted((a, b) => a.seenAt - b.seenAt);
  const state = remediationStates[Math.floor(random() * remediationStates.length)] ?? 'proposed';
  const remediation = aRemediation(state, {
    expiresAt: or(some() + hour),
    means: or('resize' as const),
    applyingSince: or(some()),
    writtenAt: or(some()),
    applied: or({ at: some(), seen: '' }),
    verifyAt: or(some() + hour),
    effect: random() < 0.5 ? 'fix' : 'mitigation',
    checks: random() < 0.5 ? [] : [aCheck],
    looked: or({ at: some(), kills: Math.ceil(random() * count) }),
  });
  const { incident } = aLoaded({
    explained: random() < 0.1 ? null : anExplanation({ at: some(), kills: Math.ceil(random() * count) }),
    remediations: random() < 0.2 ? [] : [remediation],
    state: random() < 0.15 ? { is: 'closed', outcome: 'quiet', at: some() } : { is: 'open' },
    acknowledged: or({ by, at: some() }),
    ...(isAhead ? { trigger: aWarning(random() < 0.5 ? anAlert : stalled) } : {}),
    alerts: random() < 0.5 ? [] : [firing('a', or(some())), firing('b', or(some()))],
  });
  const request: Request = {
    id: 'r1',
    incident: incident.id,
    action: 'apply',
    plan: aPlan().id,
    by,
    at: some(),
    ...nothingMore,
  };
  const lastAt = recent.at(-1)?.seenAt ?? killedAt;
  return {
    loaded: {
      incident,
      tally: { count, firstAt: killedAt, lastAt, recent },
      requests: random() < 0.15 ? [request] : [],
    },
    now,
  };
}

const anAlert = { is: 'alert', name: 'MemoryHigh', summary: '' } as const;
const stalled = { is: 'stalled', share: 0.2, usedBytes: 500 * Mi } as const;

function aWarning(of: Warning['of']): Warned {
  return { ...aKill(), kind: 'ahead', warning: { at: killedAt, of, calm: null } };
}

function firing(fingerprint: string, resolvedAt: number | null): Alert {
  return { fingerprint, startsAt: '2026-11-24T14:02:11Z', name: 'MemoryHigh', summary: '', resolvedAt };
}

const nothingMore = { groups: [], value: null, silence: null };

const random = generator(20_261_124);
const drawn = Array.from({ length: 5_000 }, () => draw(random));
const steps = drawn.map(({ loaded, now }) => ({ loaded, now, step: nextStep(loaded, now, pace) }));

function doing<Do extends Step['do']>(word: Do) {
  return steps.flatMap(({ loaded, now, step }) =>
    step.do === word ? [{ loaded, now, step: step as Extract<Step, { readonly do: Do }> }] : [],
  );
}

test('every kind of step is drawn', () => {
  const words = new Set(steps.map(({ step }) => step.do));

  expect([...words].toSorted()).toEqual([
    'answer',
    'begin',
    'close',
    'confirm',
    'expire',
    'explain',
    'receive',
    'verify',
    'wait',
    'watch',
    'write',
  ]);
});

test('whoever asked is answered before anything else', () => {
  const asked = steps.filter(({ loaded }) => loaded.requests.length > 0);

  expect(asked.filter(({ step }) => step.do !== 'answer')).toEqual([]);
});

test('waiting ends in the future; only a closed incident may wait for ever', () => {
  const waits = doing('wait').map(({ loaded, now, step }) => ({
    is: loaded.incident.state.is,
    ends: step.until === null ? 'never' : step.until > now && Number.isFinite(step.until) ? 'later' : 'wrong',
  }));

  expect(new Set(waits.filter(({ is }) => is === 'open').map(({ ends }) => ends))).toEqual(new Set(['later']));
  expect(waits.filter(({ is, ends }) => is === 'closed' && ends === 'wrong')).toEqual([]);
});

test('nothing but an answer and the last checks is done about a closed incident', () => {
  const closed = steps.filter(({ loaded }) => loaded.incident.state.is === 'closed');

  expect(new Set(closed.map(({ step }) => step.do))).toEqual(new Set(['wait', 'answer', 'verify']));
});

test('an incident is not closed before the check a day after its fix', () => {
  const early = doing('close').flatMap(({ loaded }) =>
    loaded.incident.remediations.filter(
      ({ state, checks, verifyAt, applied }) =>
        state === 'held' && checks.length > 0 && verifyAt !== null && verifyAt <= (applied?.at ?? 0) + 24 * hour,
    ),
  );

  expect(early).toEqual([]);
});

test('an incident is not closed while something is under way or waits for a person', () => {
  const busy: readonly RemediationState[] = live.filter((state) => state !== 'proposed');

  for (const { loaded } of doing('close'))
    expect(loaded.incident.remediations.some(({ state }) => busy.includes(state))).toBe(false);
});

test('an incident is not closed within a day of its last kill', () => {
  const quiet = doing('close').filter(({ step }) => step.why === 'quiet');

  expect(quiet.length).toBeGreaterThan(10);
  for (const { loaded, now } of quiet) expect(now - loaded.tally.lastAt).toBeGreaterThanOrEqual(24 * hour);
});

test('alerts that are over close only what they opened, without a kill, and after their rest', () => {
  const resolved = doing('close').filter(({ step }) => step.why === 'resolved');

  expect(resolved.length).toBeGreaterThan(0);
  for (const { loaded, now } of resolved) {
    expect([loaded.tally.count, warningOf(loaded)?.warning.of.is]).toEqual([0, 'alert']);
    for (const { resolvedAt } of loaded.incident.alerts)
      expect(now - (resolvedAt ?? Infinity)).toBeGreaterThanOrEqual(alertsRestMs);
  }
});

test('a kill that was warned of is received before anything is done about the incident, and once', () => {
  const came = steps.filter(
    ({ loaded: { incident, tally, requests } }) =>
      incident.trigger.kind === 'ahead' && tally.count > 0 && incident.state.is === 'open' && requests.length === 0,
  );

  expect(came.length).toBeGreaterThan(10);
  for (const { loaded, now, step } of came) {
    if (step.do !== 'receive') throw new Error(step.do);
    const result = transition(loaded.incident, { type: 'came', kill: step.kill, at: now });
    if (!result.ok) throw new Error(result.refusal);
    expect(result.incident.trigger).toBe(step.kill);
    expect(nextStep({ ...loaded, incident: result.incident }, now, pace).do).not.toBe('receive');
  }
  expect(doing('receive')).toHaveLength(came.length);
});

test('nothing is written but what was approved and has begun', () => {
  const states = new Set(doing('write').map(({ step }) => step.remediation.state));

  expect([...states]).toEqual(['applying']);
});

test('a step about a remediation leads to an event that its state allows', () => {
  const at = killedAt + 1000;
  const plan = aPlan().id;
  const eventOf: Partial<Record<Step['do'], IncidentEvent>> = {
    begin: { type: 'applying', plan, at, means: 'resize' },
    write: { type: 'wrote', plan, at },
    confirm: { type: 'applied', plan, at, seen: '' },
    watch: aWatched({ at }),
    verify: aVerified({ at }),
    remind: { type: 'reminded', plan, at },
    expire: { type: 'expired', plan, at, why: 'nobody approved it in time' },
    explain: { type: 'explained', explained: anExplanation(), plans: [], mode: 'act', entries: [] },
    close: { type: 'closed', outcome: 'quiet', at },
  };

  const refused = steps.filter(({ loaded, step }) => {
    const event = eventOf[step.do];
    return event !== undefined && !transition(loaded.incident, event).ok;
  });

  expect(refused).toEqual([]);
});

const at = killedAt + 60_000;
const plan = aPlan().id;
const events: readonly IncidentEvent[] = [
  { type: 'requested', plan, by, at, expiresAt: at + hour, secondPerson: false, approvers: [], approvals: [] },
  { type: 'approved', plan, by, at, approvals: [{ by, at, groups: [] }] },
  { type: 'rejected', plan, by, at, reason: '' },
  { type: 'reminded', plan, at },
  { type: 'expired', plan, at, why: 'nobody approved it in time' },
  { type: 'stale', plan, at, why: 'it was changed.' },
  { type: 'applying', plan, at, means: 'resize' },
  { type: 'wrote', plan, at },
  { type: 'fell-back', plan, at, means: 'patch-workload', why: 'It did nothing.' },
  { type: 'applied', plan, at, seen: 'it runs.' },
  aWatched({ at, verifyAt: at + hour }),
  aVerified({ at }),
  { type: 'looked', plan, at, kills: 2 },
  { type: 'failed', plan, at, why: 'forbidden.' },
  { type: 'explained', explained: anExplanation(), plans: [aPlan({ id: 'PLAN-NEWER1' })], mode: 'act', entries: [] },
  { type: 'acknowledged', by, at },
  { type: 'answered', to: by, at, text: 'No.', people: [], refused: null },
  { type: 'closed', outcome: 'gone', at },
  { type: 'came', kill: aKill({ fingerprint: 'came' }), at },
  { type: 'calmed', calm: 'came-down', at },
  { type: 'alerted', alert: firing('new', null), at },
  { type: 'alert-resolved', alert: firing('a', null), at },
];

const incidents: readonly Incident[] = (['open', 'closed'] as const).flatMap((is) =>
  [aKill(), aWarning(stalled)].flatMap((trigger) =>
    remediationStates.map(
      (state: RemediationState) =>
        aLoaded({
          state: is === 'open' ? { is } : { is, outcome: 'quiet', at: killedAt },
          trigger,
          alerts: [firing('a', null)],
          remediations: [aRemediation(state)],
        }).incident,
    ),
  ),
);

test('every event in every state has an answer, and a refusal changes nothing', () => {
  for (const incident of incidents) {
    const before = structuredClone(incident);
    for (const event of events) {
      const result = transition(incident, event);
      expect(incident).toEqual(before);
      expect(result.ok || result.refusal.length > 0).toBe(true);
    }
  }
});

test('in a closed incident only an answer and a later check of a result is possible', () => {
  const closed = incidents.filter(({ state }) => state.is === 'closed');
  const possible = closed.flatMap((incident) => events.filter((event) => transition(incident, event).ok));

  expect(new Set(possible.map(({ type }) => type))).toEqual(new Set(['verified', 'looked', 'answered']));
});

test('of the remediations of an incident at most one is live', () => {
  for (const incident of incidents)
    for (const event of events) {
      const result = transition(incident, event);
      const after = result.ok ? result.incident : incident;
      expect(after.remediations.filter(({ state }) => live.includes(state)).length).toBeLessThanOrEqual(1);
    }
});

test('what a person did stands in the thread with their id', () => {
  const open = incidents.filter(({ state }) => state.is === 'open');
  const lines = open.flatMap((incident) =>
    events.flatMap((event) => {
      const result = transition(incident, event);
      return 'by' in event && result.ok ? [result.entries] : [];
    }),
  );

  expect(lines.length).toBeGreaterThan(3);
  for (const entries of lines) expect(entries.flatMap(({ people }) => people)).toContain(by);
});

test('only a kill or a calm end ends being ahead of a kill, and nothing begins it', () => {
  const changes = incidents.flatMap((incident) =>
    events.flatMap((event) => {
      const result = transition(incident, event);
      const wasAhead = incident.trigger.kind === 'ahead';
      if (!result.ok || result.incident.trigger === incident.trigger) return [];
      return `${event.type} ${wasAhead ? 'ahead' : 'killed'} -> ${result.incident.trigger.kind === 'ahead' ? 'ahead' : 'killed'}`;
    }),
  );

  expect(new Set(changes)).toEqual(new Set(['came ahead -> killed', 'calmed ahead -> ahead']));
});

test('it does not calm down while something is under way', () => {
  const calmed = incidents.filter((incident) => transition(incident, { type: 'calmed', calm: 'came-down', at }).ok);

  expect(new Set(calmed.map(({ trigger, state }) => `${trigger.kind} ${state.is}`))).toEqual(new Set(['ahead open']));
  for (const { remediations } of calmed)
    expect(live.filter((state) => state !== 'proposed')).not.toContain(remediations[0]?.state);
});
