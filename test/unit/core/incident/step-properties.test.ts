import { expect, test } from 'vitest';
import { remediationStates } from '../../../../src/core/incident/incident.ts';
import type { Incident, Loaded, RemediationState, Request } from '../../../../src/core/incident/incident.ts';
import { nextStep } from '../../../../src/core/incident/next-step.ts';
import type { Step } from '../../../../src/core/incident/next-step.ts';
import { transition } from '../../../../src/core/incident/transition.ts';
import type { IncidentEvent } from '../../../../src/core/incident/event.ts';
import { aKill, aLoaded, anExplanation, aPlan, aRemediation, killedAt, Mi } from '../../adapters/slack/loaded.ts';

/*
 * What must be true of every incident that can be stored, whatever its times are: many of them, drawn by a generator
 * that is the same in every run.
 */
const pace = { explainAgainMs: 30_000, settleMs: 75_000, refreshMs: 3_600_000 };
const hour = 3_600_000;
const by = 'U1';
/** States that still wait for somebody or something. */
const live: readonly RemediationState[] = ['proposed', 'requested', 'approved', 'applying', 'applied', 'verifying'];

/** mulberry32: a small generator of numbers in 0..1, the same for the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Drawn {
  readonly loaded: Loaded;
  readonly now: number;
}

function draw(random: () => number): Drawn {
  const now = killedAt + Math.round(random() * 9 * 24 * hour);
  const some = (): number => killedAt + Math.round(random() * (now - killedAt));
  const or = <T>(value: T): T | null => (random() < 0.5 ? value : null);
  const count = 1 + Math.floor(random() * 25);
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
  });
  const { incident } = aLoaded({
    explained: random() < 0.1 ? null : anExplanation({ at: some(), kills: Math.ceil(random() * count) }),
    remediations: random() < 0.2 ? [] : [remediation],
    state: random() < 0.15 ? { is: 'closed', outcome: 'quiet', at: some() } : { is: 'open' },
    acknowledged: or({ by, at: some() }),
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

  expect([...words].toSorted()).toEqual(
    ['answer', 'begin', 'close', 'confirm', 'expire', 'explain', 'verify', 'wait', 'watch', 'write'].toSorted(),
  );
});

test('whoever asked is answered before anything else', () => {
  const asked = steps.filter(({ loaded }) => loaded.requests.length > 0);

  expect(asked.filter(({ step }) => step.do !== 'answer')).toEqual([]);
});

test('waiting ends in the future; only a closed incident waits for ever', () => {
  const waits = doing('wait').map(({ loaded, now, step }) => ({
    is: loaded.incident.state.is,
    ends: step.until === null ? 'never' : step.until > now && Number.isFinite(step.until) ? 'later' : 'wrong',
  }));

  expect(new Set(waits.filter(({ is }) => is === 'open').map(({ ends }) => ends))).toEqual(new Set(['later']));
  expect(new Set(waits.filter(({ is }) => is === 'closed').map(({ ends }) => ends))).toEqual(new Set(['never']));
});

test('nothing but an answer is done about a closed incident', () => {
  const closed = steps.filter(({ loaded }) => loaded.incident.state.is === 'closed');

  expect(closed.filter(({ step }) => step.do !== 'wait' && step.do !== 'answer')).toEqual([]);
});

test('an incident is not closed while something is under way or waits for a person', () => {
  const busy: readonly RemediationState[] = live.filter((state) => state !== 'proposed');

  for (const { loaded } of doing('close'))
    expect(loaded.incident.remediations.some(({ state }) => busy.includes(state))).toBe(false);
});

test('an incident is not closed within a day of its last kill', () => {
  for (const { loaded, now } of doing('close')) expect(now - loaded.tally.lastAt).toBeGreaterThanOrEqual(24 * hour);
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
    watch: { type: 'watched', plan, at, verifyAt: at },
    verify: { type: 'verified', plan, at, outcome: 'held', seen: '' },
    expire: { type: 'expired', plan, at },
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
  { type: 'requested', plan, by, at, expiresAt: at + hour, secondPerson: false, approvers: [] },
  { type: 'approved', plan, by, at },
  { type: 'rejected', plan, by, at },
  { type: 'expired', plan, at },
  { type: 'stale', plan, at, why: 'it was changed.' },
  { type: 'applying', plan, at, means: 'resize' },
  { type: 'wrote', plan, at },
  { type: 'fell-back', plan, at, means: 'patch-workload', why: 'It did nothing.' },
  { type: 'applied', plan, at, seen: 'it runs.' },
  { type: 'watched', plan, at, verifyAt: at + hour },
  { type: 'verified', plan, at, outcome: 'held', seen: 'no kill.' },
  { type: 'failed', plan, at, why: 'forbidden.' },
  { type: 'explained', explained: anExplanation(), plans: [aPlan({ id: 'PLAN-NEWER1' })], mode: 'act', entries: [] },
  { type: 'acknowledged', by, at },
  { type: 'answered', to: by, at, text: 'No.', people: [], refused: null },
  { type: 'closed', outcome: 'gone', at },
];

const incidents: readonly Incident[] = (['open', 'closed'] as const).flatMap((is) =>
  remediationStates.map(
    (state: RemediationState) =>
      aLoaded({
        state: is === 'open' ? { is } : { is, outcome: 'quiet', at: killedAt },
        remediations: [aRemediation(state)],
      }).incident,
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

test('in a closed incident only an answer is possible', () => {
  const closed = incidents.filter(({ state }) => state.is === 'closed');
  const possible = closed.flatMap((incident) => events.filter((event) => transition(incident, event).ok));

  expect(new Set(possible.map(({ type }) => type))).toEqual(new Set(['answered']));
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
