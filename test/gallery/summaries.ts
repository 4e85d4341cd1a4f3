import { renderDigest } from '../../src/adapters/slack/blocks/digest.ts';
import { renderReport } from '../../src/adapters/slack/blocks/answers/report.ts';
import { placeOf } from '../../src/adapters/slack/place.ts';
import { type Digest, type DigestInput, digestOf } from '../../src/core/digest/digest.ts';
import type { Incident } from '../../src/core/incident/incident.ts';
import { reportCard } from '../../src/core/report/report-card.ts';
import { aKill, aLoaded, anExplanation, anImpact, aRemediation, killedAt, Mi } from '../fixtures/incidents.ts';
import { aResult } from '../fixtures/results.ts';
import { sampleOf } from './sample.ts';
import type { Section } from './sample.ts';

const hourMs = 3_600_000;
const slot = killedAt + 18 * hourMs;
const place = placeOf('C1', '1790000000.000100');

/** The incident of a workload, after so many kills. */
function loaded(name: string, changes: Partial<Incident> = {}, kills = 1) {
  const subject = { ...aKill().subject, workload: { kind: 'Deployment', name } };
  const trigger = aKill({ subject });
  return aLoaded({ subject, trigger, explained: anExplanation(), ...changes }, kills);
}

const requested = aRemediation('requested', {
  requested: { by: 'USAM', at: killedAt + 60_000 },
  expiresAt: killedAt + hourMs,
  approvers: ['UAMIRA'],
});
const promise = { at: slot + 2 * hourMs, by: 'runs' as const, madeAt: slot, remindedAt: null, kept: null };
const critical = loaded('checkout', { impact: anImpact({ severity: 'critical' }), remediations: [requested] }, 12);
const low = loaded('sessions', {
  id: 'INC-0003',
  impact: anImpact({ severity: 'low' }),
  remediations: [aRemediation('bought-time', { promise })],
});
const results = [
  aResult({ plan: 'PLAN-000001', at: slot - hourMs, spareBytes: 64 * Mi }),
  aResult({ plan: 'PLAN-000002', at: slot - hourMs, outcome: 'failed', kind: 'set-heap' }),
  aResult({ plan: 'PLAN-000003', at: slot - 2 * hourMs, purpose: 'mitigation' }),
];

function digest(changes: Partial<DigestInput>) {
  const found: Digest | null = digestOf({ slot, open: [], results: [], undecided: [], isWeekly: false, ...changes });
  if (found === null) throw new Error('there is nothing to say');
  return renderDigest(found, { teamUrl: 'https://acme.slack.com/' });
}

export function summaries(): Section {
  const open = [critical, low].map(({ incident, tally }) => ({ incident, tally, namesOnly: false, place }));
  return {
    name: 'Daily summary and report card',
    samples: [
      sampleOf('daily summary', 'root', digest({ open, results })),
      sampleOf(
        'daily summary of undecided exits',
        'root',
        digest({
          undecided: [
            { kill: aKill({ suspect: true, reason: 'Error', seenAt: slot - hourMs }), why: 'no Event explains it' },
            { kill: aKill({ pod: 'mailer-6d5f-x2x7k', seenAt: slot - hourMs }), why: 'its usage could not be read' },
          ],
        }),
      ),
      sampleOf('weekly summary', 'root', digest({ open, results, isWeekly: true })),
      sampleOf(
        '/oom report prod 30d',
        'answer',
        renderReport({ card: reportCard(results), days: 30, scope: ['prod'], unknown: [], notes: [] }),
      ),
    ],
  };
}
