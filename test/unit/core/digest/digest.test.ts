import { expect, test } from 'vitest';
import { renderDigest } from '../../../../src/adapters/slack/blocks/digest.ts';
import { type Digest, type DigestIncident, type DigestInput, digestOf } from '../../../../src/core/digest/digest.ts';
import { placeOf } from '../../../../src/adapters/slack/place.ts';
import type { Incident } from '../../../../src/core/incident/incident.ts';
import { problemsOf } from '../../adapters/slack/limits-of.ts';
import { aKill, aLoaded, anExplanation, anImpact, aPlan, aRemediation, killedAt } from '../../../fixtures/incidents.ts';
import { aResult } from '../../../fixtures/results.ts';

const hourMs = 3_600_000;
/** The morning after. */
const slot = killedAt + 18 * hourMs;

function open(changes: Partial<Incident> = {}, kills = 1): DigestIncident {
  const { incident, tally } = aLoaded({ explained: anExplanation(), ...changes }, kills);
  return { incident, tally, namesOnly: false, place: placeOf('C1', '1790000000.000100') };
}

function input(changes: Partial<DigestInput> = {}): DigestInput {
  return { slot, open: [], results: [], undecided: [], isWeekly: false, ...changes };
}

function words(digest: Digest | null): string {
  return digest === null ? '' : renderDigest(digest, { teamUrl: 'https://acme.slack.com/' }).text;
}

test('where there is nothing to say there is no digest, not even weekly', () => {
  expect(digestOf(input())).toBeNull();
  expect(digestOf(input({ isWeekly: true }))).toBeNull();
  expect(digestOf(input({ results: [aResult({ outcome: 'inconclusive', at: slot - hourMs })] }))).toBeNull();
});

test('it says what is open, waits, bought time, held and was killed again', () => {
  const promise = { at: slot + 2 * hourMs, by: 'runs' as const, madeAt: slot, remindedAt: null, kept: null };
  const digest = digestOf(
    input({
      open: [
        open({ id: 'INC-0001', impact: anImpact({ severity: 'low' }) }, 12),
        open({
          id: 'INC-0002',
          impact: anImpact({ severity: 'critical' }),
          remediations: [aRemediation('requested', { expiresAt: slot + hourMs })],
        }),
        open({ id: 'INC-0003', remediations: [aRemediation('bought-time', { promise })] }),
      ],
      results: [
        aResult({ plan: 'PLAN-000001', at: slot - hourMs }),
        aResult({ plan: 'PLAN-000002', at: slot - hourMs, outcome: 'failed' }),
        aResult({ plan: 'PLAN-000003', at: slot - 30 * hourMs }),
      ],
    }),
  );

  const text = words(digest);
  expect(text).toMatch(
    /^Daily summary: 3 open \(1 critical, 1 low\), 1 waiting for approval, 1 with time bought, 1 held, 1 killed again\n/,
  );
  expect(text.indexOf('severity CRITICAL')).toBeLessThan(text.indexOf('severity low'));
  expect(text).toContain('limit 640Mi for checkout · prod/shop, expires');
  expect(text).toContain('checkout · prod/shop: next kill expected about');
  expect(text).toMatch(/Held since yesterday\n• checkout at 640Mi/);
  expect(text).toMatch(/Killed again since yesterday\n• checkout at 640Mi/);
  expect(text).toContain('Since yesterday: 3 new incidents, 14 kills.');
  expect(text).toContain('<https://acme.slack.com/archives/C1/p1790000000000100|Open thread>');
});

test('a promise that was kept or broken is no news, and a result that was replaced none either', () => {
  const promise = { at: slot, by: 'runs' as const, madeAt: slot, remindedAt: null, kept: 'as-expected' as const };
  const digest = digestOf(
    input({
      open: [open({ remediations: [aRemediation('bought-time', { promise })] })],
      results: [aResult({ at: slot - 2 * hourMs }), aResult({ at: slot - hourMs, outcome: 'vanished' })],
    }),
  );

  expect(digest).toMatchObject({ boughtTime: [], held: [], failed: [] });
});

test('once a week it has the report card of seven days', () => {
  const digest = digestOf(input({ isWeekly: true, results: [aResult({ at: slot - 100 * hourMs })] }));

  expect(words(digest)).toMatch(/^Weekly summary\nReport card, last 7 days\n• 1 of 1 fix held/);
});

test('undecided exits are those of the last day, oldest first', () => {
  const seen = (hours: number, pod: string) => ({
    kill: aKill({ pod, seenAt: slot - hours * hourMs, finishedAt: null, suspect: true }),
    why: 'no samples',
  });

  const digest = digestOf(input({ undecided: [seen(-1, 'later'), seen(1, 'b'), seen(23, 'a'), seen(25, 'before')] }));

  expect(digest?.undecided.map(({ kill }) => kill.pod)).toEqual(['a', 'b']);
  expect(words(digest)).toContain('1 undecided'.replace('1', '2'));
});

test('what may only be named is not described', () => {
  const digest = digestOf(
    input({ open: [{ ...open({ remediations: [aRemediation('requested')] }), namesOnly: true }] }),
  );

  expect(words(digest)).toContain('checkout · prod/shop');
  expect(words(digest)).not.toContain('640Mi for');
});

test('a bad night fits into one message', () => {
  const name = 'x'.repeat(253);
  const subject = { ...aKill().subject, workload: { kind: 'Deployment', name } };
  const digest = digestOf(
    input({
      open: Array.from({ length: 300 }, () =>
        open({ subject, remediations: [aRemediation('requested', { plan: aPlan() })] }),
      ),
      results: Array.from({ length: 60 }, (_, at) => aResult({ plan: `PLAN-${at}`, at: slot - hourMs, subject })),
      undecided: Array.from({ length: 60 }, () => ({ kill: aKill({ pod: name, seenAt: slot - hourMs }), why: name })),
      isWeekly: true,
    }),
  );

  const message = digest === null ? null : renderDigest(digest, { teamUrl: 'https://acme.slack.com/' });
  expect(message === null ? ['none'] : problemsOf(message)).toEqual([]);
});
