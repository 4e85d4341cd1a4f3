import { expect, test } from 'vitest';
import { renderEntry } from '../../../../../src/adapters/slack/blocks/entry.ts';
import { renderPauseChange } from '../../../../../src/adapters/slack/blocks/pause-change.ts';
import { withReadersTime } from '../../../../../src/adapters/slack/blocks/readers-time.ts';
import { type Message, renderRoot } from '../../../../../src/adapters/slack/blocks/root.ts';
import { renderSilence, silences } from '../../../../../src/adapters/slack/blocks/silence.ts';
import { auditEntry } from '../../../../../src/core/incident/entry.ts';
import type { IncidentEvent } from '../../../../../src/core/incident/event.ts';
import { textBounds } from '../../../../../src/core/units/text-bounds.ts';
import { aKill, aLoaded, anExplanation, aRemediation, killedAt } from '../../../../fixtures/incidents.ts';
import { problemsOf } from '../limits-of.ts';

const name = 'n'.repeat(textBounds.name);
const subject = { cluster: 'c'.repeat(40), namespace: name, workload: { kind: 'Deployment', name }, container: name };
const approvers = Array.from({ length: 12 }, (_, at) => `UAPPROVER${at}`);
const reason = '<!channel> `x` '.repeat(20);
const by = { by: 'USAM', at: killedAt };
const waiting = {
  requested: by,
  expiresAt: killedAt + 3_600_000,
  approvers,
  secondPerson: true,
  approvals: [{ ...by, groups: [] }],
};

/** What Slack would refuse of it, and what it must not have formed. */
function problemsIn(message: Pick<Message, 'text' | 'blocks'>): readonly string[] {
  const shown = withReadersTime(message, killedAt);
  const isHostile = `${shown.text}${JSON.stringify(shown.blocks)}`.includes('<!channel>');
  return [...problemsOf(shown), ...(isHostile ? ['it mentions everybody'] : [])];
}

test('a root that waits, is paused and acknowledged is within the limits with the longest names and 30 hypotheses', () => {
  const [hypothesis] = anExplanation().diagnosis.hypotheses;
  if (hypothesis === undefined) throw new Error('no hypothesis');
  const sentence = 'at 14:02:11 UTC '.repeat(40);
  const hypotheses = Array.from({ length: 30 }, () => ({
    ...hypothesis,
    sentence,
    for: [sentence],
    against: [sentence],
  }));
  const explained = anExplanation({ diagnosis: { hypotheses, slopeBytesPerSecond: null, nextKillAt: null } });
  const loaded = aLoaded({
    subject,
    trigger: aKill({ subject, node: name }),
    explained,
    acknowledged: by,
    remediations: [aRemediation('requested', waiting)],
  });

  expect(problemsIn(renderRoot(loaded, { by: 'USAM', at: killedAt, reason }))).toEqual([]);
});

test('what a thread says of a request, its reminder and its end is within the limits, and mentions at most six', () => {
  const { incident } = aLoaded({ subject });
  const plan = 'PLAN-7F3K2A';
  const before = aRemediation('requested', waiting);
  const events: readonly Extract<IncidentEvent, { type: 'requested' | 'reminded' | 'expired' | 'silenced' }>[] = [
    { type: 'requested', plan, ...by, expiresAt: killedAt + 1, secondPerson: false, approvers, approvals: [] },
    { type: 'reminded', plan, at: killedAt },
    { type: 'expired', plan, at: killedAt, why: '' },
    { type: 'silenced', silence: { scope: 'workload', ...by, until: killedAt + 1, reason } },
  ];
  for (const event of events) {
    const message = renderEntry({ id: '1-0', entry: auditEntry(event, before) }, incident);

    expect(problemsIn(message)).toEqual([]);
    expect(message.text.match(/<@/g)?.length ?? 0).toBeLessThanOrEqual(6);
  }
});

test('a log of 10 kB below a line is cut', () => {
  const entry = { ...auditEntry({ type: 'acknowledged', ...by }), pre: 'OutOfMemoryError\n'.repeat(600) };

  expect(problemsIn(renderEntry({ id: '1-0', entry }, aLoaded().incident))).toEqual([]);
});

test.each(['paused', 'reason-changed', 'resumed'] as const)(
  'what a channel is told of a pause (%s) is within the limits',
  (what) => {
    expect(problemsIn(renderPauseChange(subject.cluster, { what, ...by, reason }))).toEqual([]);
  },
);

test.each(silences.filter(({ forMs }) => forMs > 0))('the dialog "$text" is within the limits', (option) => {
  const { incident } = aLoaded({ subject });
  const about = { cluster: subject.cluster, incident: incident.id, plan: null, version: 3 };

  const view = renderSilence(option, about, incident, killedAt);

  expect(view.title.text.length).toBeLessThanOrEqual(24);
  expect(view.submit?.text.length).toBeLessThanOrEqual(24);
  expect(view.private_metadata?.length).toBeLessThanOrEqual(3000);
  for (const block of view.blocks) expect(JSON.stringify(block).length).toBeLessThanOrEqual(3000);
});
