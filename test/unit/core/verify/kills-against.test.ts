import { expect, test } from 'vitest';
import type { Remediation } from '../../../../src/core/incident/incident.ts';
import type { Kill } from '../../../../src/core/kill/kill.ts';
import { killsAgainst, killsInTheMoment } from '../../../../src/core/verify/kills-against.ts';
import { aKill, aLoaded, aPlan, aRemediation, killedAt, Mi } from '../../../fixtures/incidents.ts';
import { wordChange } from '../../../fixtures/manifests.ts';

const verifying = aRemediation('verifying', { applied: { at: killedAt + 10_000, seen: '' } });
const killAtNewLimit = aKill({ seenAt: killedAt + 20_000, limitInForceBytes: 640 * Mi });

function against(recent: readonly Kill[], remediation: Remediation): number {
  const { tally } = aLoaded();
  return killsAgainst({ tally: { ...tally, recent: [...recent] } }, remediation).length;
}

test('a kill at the old limit does not count against a change', () => {
  const old = aKill({ seenAt: killedAt + 20_000, limitInForceBytes: 512 * Mi });

  expect(against([old, killAtNewLimit], verifying)).toBe(1);
});

test.each<[string, Partial<Kill>, number]>([
  ['a counter rose after the change, for a kill that may be from before it', { within: { from: -25, to: 15 } }, 0],
  ['a counter rose for a kill that is certainly from after it', { within: { from: 1, to: 41 } }, 1],
  ['it may have been killed at either limit', { within: { from: 1, to: 41 }, orLimitBytes: 512 * Mi }, 0],
  ['the status says that it ended before', { finishedAt: '-5' }, 0],
  ['the status says that it ended after', { finishedAt: '5' }, 1],
  ['the cluster’s clock is ahead, and it ended before', { finishedAt: '5', clusterAheadMs: 60_000 }, 0],
])('what counts against a change is all after it: %s', (_, changes, expected) => {
  const appliedAt = verifying.applied?.at ?? 0;
  const at = (seconds: number): number => appliedAt + seconds * 1000;
  const { finishedAt, within, ...others } = changes;
  const kill = aKill({
    seenAt: at(60),
    limitInForceBytes: 640 * Mi,
    finishedAt: finishedAt ? new Date(at(Number(finishedAt))).toISOString() : null,
    ...(within ? { within: { from: at(within.from), to: at(within.to) } } : {}),
    ...others,
  });

  expect(against([kill], verifying)).toBe(expected);
});

test('of a change of flags alone, kills of the pods before it do not count: they have the same limit', () => {
  const env = [wordChange('JAVA_TOOL_OPTIONS', '-Xmx512m', '-Xmx384m')];
  const limit = { limitBytes: 512 * Mi, requestBytes: 512 * Mi };
  const flags = aRemediation('verifying', {
    plan: aPlan({ env, from: limit, to: limit }),
    writtenAt: killedAt + 1_000,
    applied: { at: killedAt + 60_000, seen: '' },
  });
  const during = aKill({ seenAt: killedAt + 20_000 });
  const after = aKill({ seenAt: killedAt + 90_000 });

  expect(against([during], flags)).toBe(0);
  expect(against([during, after], flags)).toBe(1);
});

test('nor do those of a run that began before: it has the old flags to its end', () => {
  const limit = { limitBytes: 512 * Mi, requestBytes: 512 * Mi };
  const flags = aRemediation('verifying', {
    plan: aPlan({
      env: [wordChange('NODE_OPTIONS', null, '--max-old-space-size=384')],
      from: limit,
      to: limit,
    }),
    writtenAt: killedAt + 10_000,
    applied: { at: killedAt + 12_000, seen: '' },
  });
  const killOf = (podCreatedAt: number): Kill =>
    aKill({ podCreatedAt: new Date(podCreatedAt).toISOString(), seenAt: killedAt + 90_000 });

  expect(against([killOf(killedAt - 60_000)], flags)).toBe(0);
  expect(against([killOf(killedAt + 11_000)], flags)).toBe(1);
});

const resized = aRemediation('verifying', {
  writtenAt: killedAt + 10_000,
  applied: { at: killedAt + 12_000, seen: '' },
});
const ofMoment: readonly [string, Partial<Kill>, 'against' | 'in the moment' | 'neither'][] = [
  ['before the change', { startedAt: iso(-60), finishedAt: iso(0) }, 'neither'],
  [
    'between the write and the look, in a run from before',
    { startedAt: iso(-60), finishedAt: iso(11) },
    'in the moment',
  ],
  [
    'between the write and the look, in a run that began after it',
    { startedAt: iso(11), finishedAt: iso(12) },
    'against',
  ],
  ['after it was seen, in a run from before', { startedAt: iso(-60), finishedAt: iso(13) }, 'against'],
  [
    'at a time that is only known to lie around it',
    { startedAt: null, finishedAt: null, within: around() },
    'in the moment',
  ],
];

test.each(ofMoment)('a kill %s', (_, changes, expected) => {
  const { tally } = aLoaded();
  const kill = aKill({ seenAt: killedAt + 90_000, limitInForceBytes: 640 * Mi, ...changes });
  const loaded = { tally: { ...tally, recent: [kill] } };

  const said = killsAgainst(loaded, resized).length > 0 ? 'against' : 'neither';
  expect(killsInTheMoment(loaded, resized).length > 0 ? 'in the moment' : said).toBe(expected);
});

function iso(seconds: number): string {
  return new Date(killedAt + seconds * 1000).toISOString();
}

function around(): NonNullable<Kill['within']> {
  return { from: killedAt - 20_000, to: killedAt + 20_000 };
}
