import type { types } from '@slack/bolt';
import { expect, test } from 'vitest';
import { renderRoot } from '../../../../../src/adapters/slack/blocks/root.ts';
import { type Incident, remediationStates } from '../../../../../src/core/incident/incident.ts';
import { aKill, aLoaded, anExplanation, aPlan, aRemediation, killedAt, Mi } from '../loaded.ts';
import { problemsOf } from '../limits-of.ts';

const options = { approvers: ['UAMIRA'] };
const by = { by: 'UAMIRA', at: killedAt + 60_000 };
const explained = anExplanation();

function buttonsOf({ blocks }: { blocks: readonly types.KnownBlock[] }): string[] {
  return blocks.flatMap((block) =>
    block.type === 'actions' ? block.elements.flatMap((one) => (one.type === 'button' ? [one.text.text] : [])) : [],
  );
}

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } });

test('the announcement is three blocks: what and where, four facts, and that evidence is being collected', () => {
  const message = renderRoot(aLoaded(), options);

  expect(message.blocks).toEqual([
    {
      ...section(':red_circle: *OOMKilled* checkout · prod/shop'),
      accessory: {
        type: 'overflow',
        action_id: 'menu',
        options: [
          {
            text: { type: 'plain_text', text: 'Why?', emoji: false },
            value: 'why|{"c":"prod","i":"INC-7F3K","p":null,"v":3}',
          },
          {
            text: { type: 'plain_text', text: 'Acknowledge', emoji: false },
            value: 'ack|{"c":"prod","i":"INC-7F3K","p":null,"v":3}',
          },
        ],
      },
    },
    {
      type: 'section',
      fields: ['*Container*\napp', '*Limit*\n512Mi', '*Kills*\n1, at 14:02:11 UTC', '*Node*\nnode-1'].map((text) => ({
        type: 'mrkdwn',
        text,
        verbatim: true,
      })),
    },
    {
      type: 'context',
      elements: [{ type: 'mrkdwn', text: 'collecting evidence · INC-7F3K · 14:02:11 UTC', verbatim: true }],
    },
  ]);
  expect(message.text).toBe(
    'OOMKilled checkout · prod/shop\nContainer: app; Limit: 512Mi; Kills: 1, at 14:02:11 UTC; Node: node-1\ncollecting evidence · INC-7F3K · 14:02:11 UTC',
  );
  expect(message.metadata.event_payload).toMatchObject({ incident: 'INC-7F3K', version: 3, open: true, kills: 1 });
});

test('a proposal says the verdict, the change and how sure it is, and can be applied', () => {
  const message = renderRoot(aLoaded({ explained, remediations: [aRemediation('proposed')] }, 12), options);

  expect(message.text).toContain('Limit too low: steady at 505Mi');
  expect(message.text).toContain('× 12');
  expect(message.text).toContain('512Mi → 640Mi');
  expect(message.text).toContain('86 %');
  expect(message.text).toContain('412Mi, 22 s before the kill; limit 512Mi');
  expect(buttonsOf(message)).toEqual(['Apply 640Mi now', 'Acknowledge']);
});

test('a leak says that no number ends it, and offers time as what it is', () => {
  const leak = anExplanation({
    recommendation: {
      fix: { kind: 'fix-leak', why: 'It grows 4.1 Mi/min whatever the limit.' },
      mitigation: { kind: 'raise-limit', limitBytes: 640 * Mi, requestBytes: 640 * Mi, buysMs: 6 * 3_600_000, why: '' },
    },
  });
  const remediation = aRemediation('proposed', { plan: aPlan({ purpose: 'mitigation' }) });

  const message = renderRoot(aLoaded({ explained: leak, remediations: [remediation] }), options);

  expect(message.text).toContain('No number ends this');
  expect(buttonsOf(message)).toEqual(['Raise to 640Mi (buys about 6 h)', 'Acknowledge']);
});

test('buttons that no longer apply are removed', () => {
  const shown = remediationStates.map((state) => {
    const remediation = aRemediation(state, { approved: by, requested: by });
    return [
      state,
      buttonsOf(renderRoot(aLoaded({ explained, acknowledged: by, remediations: [remediation] }), options)),
    ];
  });

  expect(shown.filter(([, buttons]) => buttons?.length !== 0)).toEqual([
    ['proposed', ['Apply 640Mi now']],
    ['requested', ['Approve', 'Reject']],
  ]);
});

test('in observe-only mode every button that would change something says so, and so does its dialog', () => {
  const message = renderRoot(
    aLoaded({ mode: 'observe', explained, remediations: [aRemediation('proposed')] }),
    options,
  );

  expect(buttonsOf(message)).toEqual(['Apply 640Mi now (observe-only)', 'Acknowledge']);
  expect(JSON.stringify(message.blocks)).toContain('nothing will be changed');
  expect(message.text).toContain('no button changes anything in the cluster');
});

test('a request names who asked, who may approve and until when', () => {
  const requested = { by: 'USAM', at: killedAt + 60_000 };
  const remediation = aRemediation('requested', { requested, expiresAt: killedAt + 3_660_000 });

  const message = renderRoot(aLoaded({ explained, remediations: [remediation] }), options);

  expect(message.text).toContain('<@USAM> asked for it at 14:03:11 UTC; <@UAMIRA> can approve until 15:03:11 UTC');
});

test('a stale plan is named with its reason in one sentence', () => {
  const remediation = aRemediation('stale', { note: 'its pods were deleted or replaced.' });

  const message = renderRoot(aLoaded({ explained, remediations: [remediation] }), options);

  expect(message.text).toContain('Out of date: PLAN-7F3K2A, its pods were deleted or replaced.');
});

test('where nobody is named it still says who can approve', () => {
  const requested = { by: 'USAM', at: killedAt + 60_000 };
  const remediation = aRemediation('requested', { requested, expiresAt: killedAt + 3_660_000 });

  const message = renderRoot(aLoaded({ explained, remediations: [remediation] }), { approvers: [] });

  expect(message.text).toContain('at 14:03:11 UTC; an approver can approve until 15:03:11 UTC');
});

test.each([
  ['announced', {}, ':red_circle: *OOMKilled*'],
  ['approved', { remediations: [aRemediation('approved', { approved: by })] }, ':large_blue_circle: *Approved*'],
  ['applying', { remediations: [aRemediation('applying', { approved: by })] }, ':large_blue_circle: *Applying*'],
  ['verifying', { remediations: [aRemediation('verifying')] }, ':large_blue_circle: *Applied, being watched*'],
  ['held', { remediations: [aRemediation('held')] }, ':large_green_circle: *Held*'],
  ['failed', { remediations: [aRemediation('failed')] }, ':red_circle: *The fix failed*'],
  [
    'a mitigation that failed',
    { remediations: [aRemediation('failed', { plan: { ...aPlan(), purpose: 'mitigation' } })] },
    ':red_circle: *The mitigation failed*',
  ],
  ['closed', { state: { is: 'closed', outcome: 'quiet', at: killedAt } }, ':white_circle: *Closed*'],
] satisfies [string, Partial<Incident>, string][])('%s has its colour with its word', (_, changes, expected) => {
  const { blocks } = renderRoot(aLoaded(changes), options);

  expect(JSON.stringify(blocks[0])).toContain(expected);
});

test('every moment stays within what Slack accepts, however long and hostile the words are', () => {
  const long = '<!channel> `*&>'.repeat(700);
  const hostile = anExplanation({
    diagnosis: {
      hypotheses: [{ cause: 'leak', confidence: 1, sentence: long, for: [long], against: [long] }],
      slopeBytesPerSecond: null,
      nextKillAt: null,
    },
    recommendation: { fix: { kind: 'none', why: long }, mitigation: null },
    noPlan: long,
  });
  const firstKill = aKill({
    node: long,
    subject: { cluster: 'c'.repeat(40), namespace: long, workload: { kind: 'Job', name: long }, container: long },
  });
  const plan = aPlan({ container: long, owner: long });

  const problems = remediationStates.flatMap((state) =>
    problemsOf(
      renderRoot(
        aLoaded({
          subject: firstKill.subject,
          firstKill,
          explained: hostile,
          remediations: [
            aRemediation(state, { plan, note: long, approved: by, applied: { at: killedAt, seen: long } }),
          ],
        }),
        options,
      ),
    ),
  );

  expect(problems).toEqual([]);
});

test('a hostile name forms no mention and no format anywhere', () => {
  const subject = { ...aKill().subject, namespace: '<!channel>', workload: { kind: 'Pod', name: '`<@U1>` *x* @here' } };

  const { text, blocks } = renderRoot(aLoaded({ subject, firstKill: aKill({ subject }) }), options);

  for (const shown of [text, JSON.stringify(blocks)]) {
    expect(shown).not.toMatch(/<[!@#]|`|@here/);
    expect(shown).toContain('&lt;!channel&gt;');
  }
});

test('a kill that was missed at first says so', () => {
  const firstKill = aKill({ seenAt: killedAt + 30 * 60_000 });

  const { text } = renderRoot(aLoaded({ firstKill }), options);

  expect(text).toContain('happened while I was away, seen at 14:32:11 UTC');
});
