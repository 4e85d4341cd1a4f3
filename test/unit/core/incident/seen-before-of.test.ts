import { describe, expect, test } from 'vitest';
import { beforeWords } from '../../../../src/core/evidence/before/before-words.ts';
import type { Loaded, Remediation } from '../../../../src/core/incident/incident.ts';
import { seenBeforeOf } from '../../../../src/core/incident/seen-before-of.ts';
import type { Kill } from '../../../../src/core/kill/kill.ts';
import { aKill, aPlan, aRemediation, anExplanation, anIncident, killedAt, Mi } from '../../../fixtures/incidents.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

function killOf(at: number, limit: number, ranMs: number, changes: Partial<Kill> = {}): Kill {
  const startedAt = new Date(at - ranMs).toISOString();
  const limits = { limitBytes: limit * Mi, limitInForceBytes: limit * Mi };
  return aKill({
    fingerprint: `${at}`,
    seenAt: at,
    finishedAt: new Date(at).toISOString(),
    startedAt,
    ...limits,
    ...changes,
  });
}

function raised(from: number, to: number, at: number | null, changes: Partial<Remediation> = {}): Remediation {
  const memory = (limit: number) => ({ limitBytes: limit * Mi, requestBytes: limit * Mi });
  const plan = aPlan({ purpose: 'mitigation', from: memory(from), to: memory(to) });
  return aRemediation('failed', { plan, applied: at === null ? null : { at, seen: 'yes' }, ...changes });
}

function incidentOf(
  id: string,
  kills: readonly Kill[],
  remediations: readonly Remediation[],
  previous: string | null = null,
): Loaded {
  const [first] = kills;
  return {
    incident: anIncident({
      id,
      previous,
      remediations: [...remediations],
      explained: anExplanation(),
      openedAt: first?.seenAt ?? killedAt,
    }),
    tally: {
      count: kills.length,
      firstAt: first?.seenAt ?? killedAt,
      lastAt: kills.at(-1)?.seenAt ?? killedAt,
      recent: [...kills],
    },
    requests: [],
  };
}

describe('a raise of the limit', () => {
  const before = [killOf(killedAt - 60 * minute, 80, 7 * minute), killOf(killedAt - 50 * minute, 80, 7 * minute)];
  const at = killedAt - 40 * minute;

  test('after which it was killed at the new limit did not hold, and bought the time that its runs lasted longer', () => {
    const kills = [...before, killOf(killedAt - 25 * minute, 128, 19 * minute), killOf(killedAt, 128, 21 * minute)];

    expect(seenBeforeOf(incidentOf('INC-1', kills, [raised(80, 128, at)]), [], killedAt)?.raises).toEqual([
      {
        incident: 'INC-1',
        purpose: 'mitigation',
        fromBytes: 80 * Mi,
        toBytes: 128 * Mi,
        at,
        outcome: 'killed-again',
        lastedMs: 15 * minute,
        boughtMs: 13 * minute,
        mostBytes: null,
      },
    ]);
  });

  test.each([
    ['is not counted against by a kill before it', [...before, killOf(at - minute, 128, minute)], 'held', {}],
    [
      'is not counted against by a kill of a pod that has the old limit still',
      [...before, killOf(killedAt, 80, minute)],
      'held',
      {},
    ],
    ['that was put back did not fail', before, 'put-back', { state: 'vanished' as const }],
  ])('%s', (_, kills, outcome, changes) => {
    const seen = seenBeforeOf(incidentOf('INC-1', kills, [raised(80, 128, at, changes)]), [], killedAt);

    expect(seen?.raises).toMatchObject([{ outcome, boughtMs: null }]);
  });

  test.each([
    ['was never seen in the cluster', raised(80, 128, null)],
    ['lowered it', raised(128, 80, at)],
  ])('is none if it %s', (_, remediation) => {
    expect(seenBeforeOf(incidentOf('INC-1', before, [remediation]), [], killedAt)).toBeNull();
  });
});

test('earlier incidents are named with their verdict, oldest first, and on one line with what was done', () => {
  const [long, short] = [killedAt - 9 * day, killedAt - 3 * day];
  const first = incidentOf('INC-1', [killOf(long, 80, minute, { image: 'shop:1.3' })], []);
  const second = incidentOf(
    'INC-2',
    [killOf(short, 80, minute), killOf(short + minute, 80, minute)],
    [raised(80, 128, short + 2 * minute, { state: 'held' })],
    'INC-1',
  );
  const third = incidentOf('INC-3', [killOf(killedAt, 80, minute)], [], 'INC-2');

  const seen = seenBeforeOf(third, [second, first], killedAt);

  expect(seen && beforeWords(seen, killedAt)).toBe(
    'raised from 80Mi to 128Mi 3 d ago to buy time, not killed there for 3 d; 2 earlier incidents: 9 d ago (limit too low, one kill, another image), 3 d ago (limit too low, 2 kills)',
  );
});
