import { describe, expect, test } from 'vitest';

import { diagnose } from '../../../../../src/core/diagnose/diagnose.ts';
import { goSoftLimit } from '../../../../../src/core/diagnose/runtimes/go.ts';
import { findingsOf, killAt, killedAt, runBefore, Mi, minute, specOf } from '../../../../fixtures/findings.ts';
import type { Usage } from '../../../../fixtures/findings.ts';

const limit = 256 * Mi;

test.each<[string, Parameters<typeof specOf>[0], number | null]>([
  ['in the units of the runtime', { env: { GOMEMLIMIT: '230MiB' } }, 230 * Mi],
  ['in bytes', { env: { GOMEMLIMIT: '1000000' } }, 1_000_000],
  ['that is off', { env: { GOMEMLIMIT: 'off' } }, null],
  ['that is no size', { env: { GOMEMLIMIT: '230M' } }, null],
  ['that is not seen is taken for the limit', { hiddenEnv: ['GOMEMLIMIT'] }, limit],
  ['of a program that is no Go', { env: { GOMEMLIMIT: '230MiB' }, args: ['java', '-jar', 'app.jar'] }, null],
  ['that is not set', { image: 'golang:1.26' }, null],
])('a soft limit %s', (_, spec, expected) => {
  expect(goSoftLimit(specOf(spec), {}, limit)).toBe(expected);
});

describe('a Go program under a soft limit', () => {
  const runMs = 60 * minute;
  const kill = killAt(killedAt, runMs);
  /** Twice the live heap, until the collector holds it at the soft limit. */
  const held =
    (live: Usage): Usage =>
    (age) =>
      Math.max(live(age), Math.min(2 * live(age), 230));
  const found = (usage: Usage, env: Record<string, string>) =>
    diagnose(findingsOf([runBefore(kill, usage, runMs / 120)], { spec: specOf({ env }) }), kill, [kill], killedAt)
      .hypotheses[0];

  test('that leaks stays flat there, and is told by how it got there', () => {
    const leaks = held((age) => 20 + (236 * age) / runMs);

    expect(found(leaks, { GOMEMLIMIT: '230MiB' })).toMatchObject({ cause: 'leak', confidence: 0.68 });
  });

  test('that bends before it gets there needs a bounded amount more, though not for certain', () => {
    const bends: Usage = (age) => 30 + 240 * (1 - Math.exp((-3 * age) / runMs));

    expect(found(bends, { GOMEMLIMIT: '230MiB' })).toMatchObject({ cause: 'limit-too-low', confidence: 0.66 });
  });
});
