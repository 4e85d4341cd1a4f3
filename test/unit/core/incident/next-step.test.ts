import { expect, test } from 'vitest';
import type { Incident, Loaded, Request, Tally } from '../../../../src/core/incident/incident.ts';
import { nextStep } from '../../../../src/core/incident/next-step.ts';
import { aKill, aLoaded, anExplanation, aPlan, aRemediation, killedAt, Mi } from '../../../fixtures/incidents.ts';

const pace = { explainAgainMs: 30_000, settleMs: 75_000, refreshMs: 3_600_000, impactEveryMs: 60_000 };
const hour = 3_600_000;
const explainedAt = killedAt + 2000;
const request: Request = {
  groups: [],
  value: null,
  silence: null,
  id: 'r1',
  incident: 'INC-7F3K',
  action: 'apply',
  plan: 'PLAN-7F3K2A',
  by: 'U1',
  at: killedAt,
};

function loaded(
  changes: Partial<Incident> = {},
  tally: Partial<Tally> = {},
  requests: Loaded['requests'] = [],
): Loaded {
  const base = aLoaded({ explained: anExplanation(), remediations: [], ...changes });
  const usual = { count: 1, firstAt: killedAt, lastAt: killedAt, recent: [aKill()] };
  return { incident: base.incident, tally: { ...usual, ...tally }, requests };
}

const verifying = aRemediation('verifying', {
  applied: { at: killedAt + 10_000, seen: '' },
  verifyAt: killedAt + 900_000,
});
const pullRequest = aPlan({ id: 'PLAN-FORGE1', means: ['pull-request'] });
const killAtNewLimit = aKill({ seenAt: killedAt + 20_000, limitInForceBytes: 640 * Mi });

const table: readonly [string, Loaded, number, string][] = [
  ['a request is answered before anything else', loaded({ explained: null }, {}, [request]), killedAt, 'answer'],
  ['a request of a closed incident is answered too', loaded(closed(), {}, [request]), killedAt, 'answer'],
  ['a closed incident is left alone', loaded(closed()), killedAt + 365 * 24 * hour, 'wait'],
  ['a new incident is explained', loaded({ explained: null }), killedAt, 'explain'],
  ['an approved plan is begun', loaded({ remediations: [aRemediation('approved')] }), killedAt, 'begin'],
  ['what has begun is written', loaded({ remediations: [aRemediation('applying')] }), killedAt, 'write'],
  [
    'what is written is confirmed',
    loaded({ remediations: [aRemediation('applying', { writtenAt: killedAt })] }),
    killedAt,
    'confirm',
  ],
  ['what is applied is watched', loaded({ remediations: [aRemediation('applied')] }), killedAt, 'watch'],
  ['a watched one waits for its time', loaded({ remediations: [verifying] }), killedAt + 30_000, 'wait'],
  ['a watched one is verified in time', loaded({ remediations: [verifying] }), killedAt + 900_000, 'verify'],
  [
    'a kill at the new limit ends the wait',
    loaded({ remediations: [verifying] }, { count: 2, recent: [aKill(), killAtNewLimit] }),
    killedAt + 30_000,
    'verify',
  ],
  [
    'of a request that waits for half of its time, people are reminded',
    loaded({
      remediations: [aRemediation('requested', { remindAt: killedAt + hour, expiresAt: killedAt + 2 * hour })],
    }),
    killedAt + hour,
    'remind',
  ],
  [
    'a request that nobody approved expires',
    loaded({ remediations: [aRemediation('requested', { expiresAt: killedAt + hour })] }),
    killedAt + hour,
    'expire',
  ],
  ['a kill since the explanation waits a moment', loaded({}, { count: 2 }), explainedAt + 1000, 'wait'],
  ['a kill since the explanation renews it', loaded({}, { count: 2 }), explainedAt + 30_000, 'explain'],
  ['an explanation is renewed each hour', loaded(), explainedAt + hour, 'explain'],
  [
    'what nobody approved in time is soon proposed anew',
    loaded({ remediations: [aRemediation('expired', { endedAt: explainedAt + 1 })] }),
    explainedAt + 30_000,
    'explain',
  ],
  [
    'so is what went stale',
    loaded({ remediations: [aRemediation('stale', { endedAt: explainedAt + 1 })] }),
    explainedAt + 30_000,
    'explain',
  ],
  [
    'and what expired while a pull request is still offered',
    loaded({
      remediations: [
        aRemediation('expired', { endedAt: explainedAt + 1 }),
        aRemediation('proposed', { plan: pullRequest }),
      ],
    }),
    explainedAt + 30_000,
    'explain',
  ],
  [
    'and a pull request that nobody approved in time while a change is still offered',
    loaded({
      remediations: [
        aRemediation('expired', { plan: pullRequest, endedAt: explainedAt + 1 }),
        aRemediation('proposed'),
      ],
    }),
    explainedAt + 30_000,
    'explain',
  ],
  [
    'but not again and again where nothing can be proposed',
    loaded({ remediations: [aRemediation('expired', { endedAt: explainedAt - 1 })] }),
    explainedAt + 30_000,
    'wait',
  ],
  ...(['rejected', 'vanished', 'failed'] as const).map((state): [string, Loaded, number, string] => [
    `and what was ${state}`,
    loaded({ remediations: [aRemediation(state, { endedAt: explainedAt + 1 })] }),
    explainedAt + 30_000,
    'explain',
  ]),
  [
    'a change that was killed again is not proposed anew without a new kill',
    loaded({
      remediations: [aRemediation('failed', { applied: { at: explainedAt, seen: '' }, endedAt: explainedAt + 1 })],
    }),
    explainedAt + 30_000,
    'wait',
  ],
  [
    'a quiet day closes it',
    loaded({ openedAt: killedAt, explained: anExplanation({ at: killedAt + 24 * hour }) }),
    killedAt + 24 * hour,
    'close',
  ],
  [
    'one whose kill was found a day and a half later stays open, so that somebody sees it',
    loaded({ openedAt: killedAt + 36 * hour, explained: anExplanation({ at: killedAt + 36 * hour }) }),
    killedAt + 36 * hour + 60_000,
    'wait',
  ],
  [
    'a quiet day does not close it while somebody is asked',
    loaded({
      explained: anExplanation({ at: killedAt + 24 * hour }),
      remediations: [aRemediation('requested', { expiresAt: killedAt + 25 * hour })],
    }),
    killedAt + 24 * hour,
    'wait',
  ],
];

test.each(table)('%s', (_, state, now, expected) => {
  expect(nextStep(state, now, pace).do).toBe(expected);
});

test('what has held is not explained anew by the kills before it', () => {
  const held = aRemediation('held', { applied: { at: killedAt + 10_000, seen: '' } });
  const late = killedAt + 20 * hour;

  expect(nextStep(loaded({ remediations: [held] }, { count: 9 }), late, pace).do).toBe('wait');
  expect(nextStep(loaded({ remediations: [held] }, { count: 9, recent: [killAtNewLimit] }), late, pace).do).toBe(
    'explain',
  );
});

test('waiting ends with the earliest thing to do', () => {
  const state = loaded({ remediations: [verifying] });

  expect(nextStep(state, killedAt + 30_000, pace)).toEqual({ do: 'wait', until: killedAt + 900_000 });
});

test('an open verdict is looked at once more after a while', () => {
  const [first] = anExplanation().diagnosis.hypotheses;
  const open = first ? [{ ...first, cause: 'inconclusive' as const }] : [];
  const explained = anExplanation({ diagnosis: { ...anExplanation().diagnosis, hypotheses: open } });

  expect(nextStep(loaded({ explained }), explained.at + pace.settleMs, pace).do).toBe('explain');
});

test.each([
  ['far below its limit', 300, 'explain'],
  ['near it', 400, 'wait'],
])('a verdict about what was %s when it was last seen is looked at once more: %i Mi, %s', (_, lastMi, expected) => {
  const explained = anExplanation({ lastSample: { bytes: lastMi * Mi, beforeKillMs: 9_000 } });
  const kill = aKill({ limitBytes: 512 * Mi, limitInForceBytes: 512 * Mi });

  expect(nextStep(loaded({ explained }, { recent: [kill] }), explained.at + pace.settleMs, pace).do).toBe(expected);
});

test('what waits for something keeps nothing else from its turn', () => {
  const waiting = aRemediation('applying', { writtenAt: killedAt });
  const asked = aRemediation('requested', { plan: pullRequest, expiresAt: killedAt + 1_000 });
  const state = loaded({ remediations: [waiting, asked] });

  expect(nextStep(state, killedAt + 1_000, pace).do).toBe('confirm');
  expect(nextStep(state, killedAt + 1_000, pace, new Set([waiting.plan.id])).do).toBe('expire');
});

test('an approved plan that is held back by a pause keeps no kill from being explained', () => {
  const state = loaded({ remediations: [aRemediation('approved')] }, { count: 2 });

  expect(nextStep(state, explainedAt + 30_000, pace, new Set([aPlan().id])).do).toBe('explain');
});

function closed(): Partial<Incident> {
  return { state: { is: 'closed', outcome: 'quiet', at: killedAt } };
}
