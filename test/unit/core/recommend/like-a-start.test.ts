import { expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import type { FormerRaise } from '../../../../src/core/evidence/before/seen-before.ts';
import type { Findings } from '../../../../src/core/evidence/evidence.ts';
import { recommend } from '../../../../src/core/recommend/recommend.ts';
import { findingsOf, found, killAt, killedAt, Mi, minute, runBefore, specOf } from '../../../fixtures/findings.ts';
import type { Usage } from '../../../fixtures/findings.ts';

const even = (runMs: number): Usage => {
  return (age) => 20 + (232 * age) / runMs;
};
const short = 40_000;
const uneven: Usage = (age) => even(short)(age) + 6 * Math.sin(age / 1700);
const inSteps: Usage = (age) => even(short)(8_000 * Math.floor(age / 8_000));

function climb(usage: Usage, { runMs = short, spec = specOf() } = {}) {
  const kill = killAt(killedAt, runMs);
  const everyMs = runMs / 8;
  return { kill, findings: findingsOf([runBefore(kill, usage, everyMs)], { everyMs, spec }) };
}

function ofFiles({ kill, findings }: ReturnType<typeof climb>): ReturnType<typeof climb> {
  const { usage } = findings;
  if (!usage.found) throw new Error('there is usage');
  const runs = usage.value.runs.map((run) => ({
    ...run,
    samples: run.samples.map((sample) => ({ ...sample, rssBytes: 20 * Mi })),
  }));
  return { kill, findings: { ...findings, usage: found({ ...usage.value, runs }) } };
}

function adviceOf({ kill, findings }: ReturnType<typeof climb>) {
  const diagnosis = diagnose(findings, kill, [kill], killedAt);
  return { cause: diagnosis.hypotheses[0]?.cause, ...recommend(diagnosis, findings, kill, [kill]) };
}

function afterRaise(outcome: FormerRaise['outcome']): { readonly before: NonNullable<Findings['before']> } {
  const raise: FormerRaise = {
    incident: 'OOM-1',
    purpose: 'fix',
    fromBytes: 128 * Mi,
    toBytes: 256 * Mi,
    at: killedAt - 60 * minute,
    outcome,
    lastedMs: 60 * minute,
    boughtMs: null,
    mostBytes: null,
  };
  return { before: found({ incidents: [], raises: [raise] }) };
}

test('after one even line from the start within a minute a raise is the next step, although the cause is open', () => {
  const { cause, fix, mitigation } = adviceOf(climb(even(short)));

  expect(cause).toBe('inconclusive');
  expect(fix).toMatchObject({ kind: 'raise-limit', why: expect.stringMatching(/^Raise, then look/) });
  expect('holds' in fix ? fix.holds : 1).toBeLessThanOrEqual(0.5);
  expect(mitigation).toBeNull();
});

test('that raise is large, because a start that is killed again in proportion looks like a leak', () => {
  const { fix } = adviceOf(climb(even(short)));

  expect('limitBytes' in fix ? fix.limitBytes / Mi : 0).toBeGreaterThan(1.5 * 256);
});

test.each([
  { what: 'it climbs for minutes', from: climb(even(4 * minute), { runMs: 4 * minute }) },
  { what: 'it grows unevenly, as work comes in', from: climb(uneven) },
  { what: 'it grows in steps', from: climb(inSteps) },
  { what: 'what grows is files in memory', from: ofFiles(climb(even(short))) },
  { what: 'it began from a level', from: climb((age) => 90 + (162 * age) / short) },
  {
    what: 'a language runtime fills its heap',
    from: climb(even(short), { spec: specOf({ image: 'registry.example/python:3.11' }) }),
  },
])('a raise is no fix where $what', ({ from }) => {
  expect(adviceOf(from).fix.kind).not.toBe('raise-limit');
});

test.each(['killed-again', 'put-back', 'held'] as const)('a raise is no fix after one that was %s', (outcome) => {
  const { kill, findings } = climb(even(short));

  expect(adviceOf({ kill, findings: { ...findings, ...afterRaise(outcome) } }).fix.kind).toBe('none');
});
