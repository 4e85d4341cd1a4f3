import type { types } from '@slack/bolt';
import { expect, test } from 'vitest';
import { renderRoot } from '../../../../../src/adapters/slack/blocks/root.ts';
import { type Incident, type RemediationState, remediationStates } from '../../../../../src/core/incident/incident.ts';
import { aKill, aLoaded, anExplanation, aPlan, aRemediation, killedAt, Mi } from '../../../../fixtures/incidents.ts';
import { problemsOf } from '../limits-of.ts';
import { wordChange } from '../../../../fixtures/manifests.ts';

const by = { by: 'UAMIRA', at: killedAt + 60_000 };
const explained = anExplanation();

function buttonsOf({ blocks }: { blocks: readonly types.KnownBlock[] }): string[] {
  return blocks.flatMap((block) =>
    block.type === 'actions' ? block.elements.flatMap((one) => (one.type === 'button' ? [one.text.text] : [])) : [],
  );
}

function primariesOf({ blocks }: { blocks: readonly types.KnownBlock[] }): (string | undefined)[] {
  return blocks.flatMap((block) =>
    block.type === 'actions'
      ? block.elements.flatMap((one) => (one.type === 'button' && one.style === 'primary' ? [one.action_id] : []))
      : [],
  );
}

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } });

const option = (text: string, word: string) => ({
  text: { type: 'plain_text', text, emoji: false },
  value: `${word}|{"c":"prod","i":"INC-7F3K","p":null,"v":3}`,
});

test('a thread about a node says nothing of a container, a limit or a sample', () => {
  const workload = { kind: 'Node', name: 'pool-a-1' };
  const subject = { cluster: 'prod', namespace: null, workload, container: null };
  const trigger = aKill({ kind: 'node', subject, containerType: null, limitBytes: null, limitInForceBytes: null });

  const announced = renderRoot(aLoaded({ subject, trigger })).text;
  const later = renderRoot(aLoaded({ subject, trigger, explained })).text;

  expect(announced.split('\n')[1]).toBe('Kills: 1, at 14:02:11 UTC');
  expect(later).toMatch(/^Kills: 1, at 14:02:11 UTC$/m);
  expect(later).not.toMatch(/container|Memory|node /);
});

test('a test says so from its first message on, offers nothing and says what it would say of a real one', () => {
  const trigger = aKill({ test: 'amira <!channel> (oomkeeper try-kill)' });
  const why = { kind: 'none' as const, why: 'This was a test.' };
  const announced = renderRoot(aLoaded({ trigger }));
  const later = renderRoot(
    aLoaded({ trigger, explained: anExplanation({ recommendation: { fix: why, mitigation: null } }) }),
  );

  const isTest =
    'This is a test by amira &lt;!channel&gt; (oomkeeper try-kill): its pod was made to run out of memory. There is nothing to fix.';
  expect(announced.text.split('\n').slice(0, 2)).toEqual([expect.stringContaining('Test: OOMKilled checkout'), isTest]);
  expect(later.text.split('\n').slice(1, 3)).toEqual([
    isTest,
    'What I would say of a real one: Limit too low: steady at 505Mi under a limit of 512Mi',
  ]);
  expect(JSON.stringify(later.blocks)).not.toContain('<!channel>');
  expect(later.text).not.toMatch(/Fix:|Nothing to change/);
  expect(buttonsOf(later)).toEqual(['Acknowledge']);
});

test('the announcement is three blocks: what and where, kills and limit, and that evidence is being collected', () => {
  const message = renderRoot(aLoaded());

  expect(message.blocks).toEqual([
    {
      ...section(':red_circle: *OOMKilled* checkout · namespace shop · cluster prod'),
      accessory: {
        type: 'overflow',
        action_id: 'menu',
        options: [
          option('Why?', 'why'),
          option('Logs', 'log'),
          option('Acknowledge', 'ack'),
          option('Snooze for 1 h', 'sn1'),
          option('Ignore this workload for 7 d', 'ign'),
        ],
      },
    },
    {
      type: 'section',
      fields: ['*Kills*\n1, at 14:02:11 UTC', '*Limit*\n512Mi'].map((text) => ({
        type: 'mrkdwn',
        text,
        verbatim: true,
      })),
    },
    {
      type: 'context',
      elements: [
        { type: 'mrkdwn', text: 'collecting evidence · INC-7F3K · container app · node node-1', verbatim: true },
      ],
    },
  ]);
  expect(message.text).toBe(
    'OOMKilled checkout · namespace shop · cluster prod\nKills: 1, at 14:02:11 UTC; Limit: 512Mi\ncollecting evidence · INC-7F3K · container app · node node-1',
  );
  expect(message.metadata.event_payload).toMatchObject({ incident: 'INC-7F3K', version: 3, open: true, kills: 1 });
});

test('a proposal says the verdict, the change and how sure it is, and can be applied', () => {
  const message = renderRoot(aLoaded({ explained, remediations: [aRemediation('proposed')] }, 12));

  expect(message.text).toContain('Limit too low: steady at 505Mi');
  expect(message.text).toContain('Kills: 12, last 14:02:11 UTC');
  expect(message.text).toContain('512Mi → 640Mi');
  expect(message.text).toContain('raise the limit to 640Mi (confidence high)');
  expect(message.text).not.toContain('%');
  expect(message.text).toContain('Memory before the kill: 412Mi of 512Mi, 22 s before');
  expect(buttonsOf(message)).toEqual(['Apply 640Mi now', 'Acknowledge']);
});

test('restarts that nobody saw are named beside the kills that were seen', () => {
  const loaded = aLoaded({ explained, trigger: aKill({ unseenRestarts: 4 }) });
  const recent = [aKill({ unseenRestarts: 4 })];

  const { text } = renderRoot({ ...loaded, tally: { ...loaded.tally, recent } });

  expect(text).toContain('Kills: 1 seen (4 restarts before), at 14:02:11 UTC');
});

test('a leak says why no number ends it, and offers time as what it is', () => {
  const leak = anExplanation({
    recommendation: {
      fix: { kind: 'fix-leak', why: 'It grows 4.1 Mi/min whatever the limit.' },
      mitigation: { kind: 'raise-limit', limitBytes: 640 * Mi, requestBytes: 640 * Mi, buysMs: 6 * 3_600_000, why: '' },
    },
  });
  const remediation = aRemediation('proposed', { plan: aPlan({ purpose: 'mitigation' }) });

  const message = renderRoot(aLoaded({ explained: leak, remediations: [remediation] }));

  expect(message.text).toContain(
    'It grows 4.1 Mi/min whatever the limit.\nTo buy time: raise the limit to 640Mi (about 6 h more).',
  );
  expect(buttonsOf(message)).toEqual(['Raise to 640Mi (buys about 6 h)', 'Acknowledge']);
});

test('buttons that no longer apply are removed', () => {
  const shown = remediationStates.map((state) => {
    const remediation = aRemediation(state, { approved: by, requested: by });
    return [state, buttonsOf(renderRoot(aLoaded({ explained, acknowledged: by, remediations: [remediation] })))];
  });

  expect(shown.filter(([, buttons]) => buttons?.length !== 0)).toEqual([
    ['proposed', ['Apply 640Mi now']],
    ['requested', ['Approve', 'Reject']],
  ]);
});

test('what somebody has acknowledged says who is on it, in a calmer colour, until it is over', () => {
  const remediations = (state: RemediationState) => [aRemediation(state, { approved: by, requested: by })];
  const first = (state: RemediationState) =>
    renderRoot(aLoaded({ explained, acknowledged: by, remediations: remediations(state) })).text.split('\n')[0];
  const red = renderRoot(aLoaded({ explained, acknowledged: by, remediations: remediations('proposed') })).blocks;

  expect(first('proposed')).toBe('OOMKilled checkout · namespace shop · cluster prod · <@UAMIRA> is on it');
  expect(JSON.stringify(red[0])).toContain(':large_orange_circle: *OOMKilled*');
  expect(first('applying')).toContain(' is on it');
  expect(first('held')).not.toContain(' is on it');
});

test('there is nothing to acknowledge any more once a fix has held', () => {
  const buttons = (state: RemediationState) =>
    buttonsOf(renderRoot(aLoaded({ explained, remediations: [aRemediation(state)] })));

  expect(buttons('failed')).toContain('Acknowledge');
  expect(buttons('held')).not.toContain('Acknowledge');
  expect(buttons('overshot')).not.toContain('Acknowledge');
});

test('each button tells a screen reader of which workload it is, however long the names are', () => {
  const long = 'a'.repeat(253);
  const subject = { ...aKill().subject, namespace: long, workload: { kind: 'Deployment', name: long } };
  const labels = (changes: Partial<Incident>) =>
    [
      ...JSON.stringify(
        renderRoot(aLoaded({ explained, remediations: [aRemediation('proposed')], ...changes })).blocks,
      ).matchAll(/"accessibility_label":"([^"]*)"/g),
    ].map(([, label = '']) => label);

  expect(labels({})).toEqual(['checkout in shop: Apply 640Mi now', 'checkout in shop: Acknowledge']);
  expect(labels({ subject }).every((label) => label.length <= 75 && /: (?:Apply|Acknowledge)/.test(label))).toBe(true);
});

test('in observe-only mode every button that would change something says so, and so does its dialog', () => {
  const message = renderRoot(aLoaded({ mode: 'observe', explained, remediations: [aRemediation('proposed')] }));

  expect(buttonsOf(message)).toEqual(['Apply 640Mi now (observe-only)', 'Acknowledge']);
  expect(JSON.stringify(message.blocks)).toContain('nothing will be changed');
  expect(message.text).toContain('no button changes anything in the cluster');
});

test('a request names who asked, who may approve and until when', () => {
  const requested = { by: 'USAM', at: killedAt + 60_000 };
  const remediation = aRemediation('requested', {
    requested,
    expiresAt: killedAt + 3_660_000,
    approvers: ['UAMIRA', 'SONCALL'],
  });

  const message = renderRoot(aLoaded({ explained, remediations: [remediation] }));

  expect(message.text).toContain(
    'Waiting for <@UAMIRA> or <!subteam^SONCALL> to approve limit 640Mi (PLAN-7F3K2A) (expires 15:03:11 UTC). <@USAM> asked for it at 14:03:11 UTC.',
  );
});

test('a stale plan is named with its reason in one sentence', () => {
  const remediation = aRemediation('stale', { note: 'its pods were deleted or replaced.' });

  const message = renderRoot(aLoaded({ explained, remediations: [remediation] }));

  expect(message.text).toContain('Out of date: PLAN-7F3K2A, its pods were deleted or replaced.');
});

test('where nobody is named it still says who can approve', () => {
  const requested = { by: 'USAM', at: killedAt + 60_000 };
  const remediation = aRemediation('requested', {
    requested,
    expiresAt: killedAt + 3_660_000,
  });

  const message = renderRoot(aLoaded({ explained, remediations: [remediation] }));

  expect(message.text).toContain('Waiting for an approver to approve');
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
  const { blocks } = renderRoot(aLoaded(changes));

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
  const trigger = aKill({
    node: long,
    subject: { cluster: 'c'.repeat(40), namespace: long, workload: { kind: 'Job', name: long }, container: long },
  });
  const plan = aPlan({ container: long, owner: long });

  const problems = remediationStates.flatMap((state) =>
    problemsOf(
      renderRoot(
        aLoaded({
          subject: trigger.subject,
          trigger,
          explained: hostile,
          remediations: [
            aRemediation(state, { plan, note: long, approved: by, applied: { at: killedAt, seen: long } }),
          ],
        }),
      ),
    ),
  );

  expect(problems).toEqual([]);
});

test('a hostile name forms no mention and no format anywhere', () => {
  const subject = { ...aKill().subject, namespace: '<!channel>', workload: { kind: 'Pod', name: '`<@U1>` *x* @here' } };

  const { text, blocks } = renderRoot(aLoaded({ subject, trigger: aKill({ subject }) }));

  for (const shown of [text, JSON.stringify(blocks)]) {
    expect(shown).not.toMatch(/<[!@#]|`|@here/);
    expect(shown).toContain('&lt;!channel&gt;');
  }
});

test.each([
  ['at first', null, 'killed at 14:02:11 UTC, seen at 14:32:11 UTC'],
  [
    'while nobody watched',
    { from: killedAt - 60_000, until: killedAt + 30 * 60_000 },
    'killed at 14:02:11 UTC while I was away (14:01:11 UTC to 14:32:11 UTC)',
  ],
  [
    'before the first start',
    { from: null, until: killedAt + 30 * 60_000 },
    'killed at 14:02:11 UTC before I began to watch (14:32:11 UTC)',
  ],
])('a kill that was missed %s says so', (_, away, words) => {
  const finishedAt = new Date(killedAt).toISOString();
  const trigger = aKill({ seenAt: killedAt + 30 * 60_000, finishedAt, away });

  const { text } = renderRoot(aLoaded({ trigger }));

  expect(text).toContain(words);
});

const bounds = {
  fromLimitBytes: 512 * Mi,
  lastSampleBytes: 412 * Mi,
  peakBytes: null,
  recommendedBytes: 640 * Mi,
  demand: null,
  nodeAllocatableBytes: null,
  nodeFreeBytes: null,
  quota: null,
  limitRange: null,
  slopeBytesPerSecond: null,
};
const back = aPlan({
  id: 'PLAN-BACK01',
  kind: 'roll-back',
  means: ['roll-back'],
  rollBack: { toRevision: '3', hash: '7d9f', template: null },
});
const request = aPlan({
  id: 'PLAN-FORGE1',
  means: ['pull-request'],
  source: { owner: 'acme', repo: 'deploy', path: 'apps/shop.yaml', branch: null },
});
const opened = { number: 12, url: 'https://forge.test/acme/deploy/pull/12', merged: null };

test('alternatives stand beside each other, the best is the primary one', () => {
  const remediations = [back, aPlan(), request].map((plan) => aRemediation('proposed', { plan }));
  const message = renderRoot(aLoaded({ explained: { ...explained, bounds }, remediations }));

  expect(buttonsOf(message)).toEqual([
    'Roll back to revision 3',
    'Apply 640Mi now',
    'Open fix PR (limit 640Mi)',
    'Edit value…',
    'Acknowledge',
  ]);
  expect(primariesOf(message)).toEqual(['roll-back']);
});

test.each(['proposed', 'requested'] as const)(
  'while changes are paused, what is %s invites nobody to click',
  (state) => {
    const loaded = aLoaded({ explained, remediations: [aRemediation(state)] });
    const message = renderRoot(loaded, { by: 'UAMIRA', at: killedAt, reason: 'release' });

    expect(primariesOf(renderRoot(loaded))).toHaveLength(1);
    expect(primariesOf(message)).toEqual([]);
    expect(buttonsOf(message)).toEqual(buttonsOf(renderRoot(loaded)));
  },
);

test('a pull request that waits for its merge has a link, and the change in the cluster is still offered', () => {
  const waiting = aRemediation('applying', { plan: request, means: 'pull-request', pullRequest: opened });
  const message = renderRoot(aLoaded({ explained, remediations: [waiting, aRemediation('proposed')] }));

  expect(message.text).toContain('Waiting for merge: <https://forge.test/acme/deploy/pull/12|pull request #12>');
  expect(buttonsOf(message)).toContain('Open PR #12');
  expect(buttonsOf(message)).toContain('Apply 640Mi now');
});

test('a merged pull request says so until its change is seen', () => {
  const merged = { ...opened, merged: { by: 'amira', at: killedAt + 60_000 } };
  const waiting = aRemediation('applying', { plan: request, means: 'pull-request', pullRequest: merged });
  const message = renderRoot(aLoaded({ explained, remediations: [waiting] }));

  expect(message.text).toContain(
    'Merged: <https://forge.test/acme/deploy/pull/12|pull request #12> by amira at 14:03:11',
  );
  expect(message.text).toContain('waiting to see it in the cluster');
});

test('after a change in the cluster the pull request is still offered', () => {
  const held = aRemediation('held', { applied: { at: killedAt, seen: 'it runs.' }, note: 'no kill in 15 min.' });
  const message = renderRoot(aLoaded({ explained, remediations: [held, aRemediation('proposed', { plan: request })] }));

  expect(message.text).toContain('Held');
  expect(buttonsOf(message)).toContain('Open fix PR (limit 640Mi)');
});

test('a silence is told with who asked for it, and can be ended', () => {
  const silence = { scope: 'workload' as const, by: 'USAM', at: killedAt, until: killedAt + 3_600_000 };
  const message = renderRoot(aLoaded({ silence }));

  expect(message.text).toContain('ignored by <@USAM> until 15:02:11 UTC');
  expect(JSON.stringify(message.blocks)).toContain('End the silence');
});

test('limit and heap flag are told as one change', () => {
  const plan = aPlan({ kind: 'set-heap', env: [wordChange('JAVA_TOOL_OPTIONS', '-Xmx512m', '-Xmx384m')] });
  const message = renderRoot(aLoaded({ explained, remediations: [aRemediation('proposed', { plan })] }));

  expect(message.text).toContain('512Mi → 640Mi and JAVA_TOOL_OPTIONS');
  expect(buttonsOf(message)).toContain('Apply limit 640Mi with JAVA_TOOL_OPTIONS');
});

test('a flag that is changed under the same limit is told without a raise', () => {
  const env = [wordChange('NODE_OPTIONS', '--max-old-space-size=160', '--max-old-space-size=240')];
  const size = { limitBytes: 512 * Mi, requestBytes: 512 * Mi };
  const fix = { kind: 'set-heap' as const, ...size, env, heapBytes: 240 * Mi, holds: 0.7, why: '' };
  const plan = aPlan({ kind: 'set-heap', env, from: size, to: size });
  const changed = { ...explained, recommendation: { ...explained.recommendation, fix } };
  const message = renderRoot(aLoaded({ explained: changed, remediations: [aRemediation('proposed', { plan })] }));

  expect(message.text).toContain(
    'Fix: NODE_OPTIONS: --max-old-space-size=160 -&gt; --max-old-space-size=240, which gives a heap of 240Mi; the limit stays 512Mi',
  );
  expect(message.text).toContain('Change: NODE_OPTIONS');
  expect(message.text).not.toContain('512Mi → 512Mi');
  expect(buttonsOf(message)).toContain('Apply NODE_OPTIONS');
});

test('the menu has at most the five options that Slack takes', () => {
  const silence = { scope: 'incident' as const, by: 'USAM', at: killedAt, until: killedAt + 3_600_000 };
  const states = [aLoaded(), aLoaded({ silence }), aLoaded({ explained }), aLoaded({ explained, silence })];

  for (const state of states) {
    const [first] = renderRoot(state).blocks;
    const menu = first?.type === 'section' && first.accessory?.type === 'overflow' ? first.accessory.options : [];
    expect(menu.length).toBeGreaterThan(2);
    expect(menu.length).toBeLessThanOrEqual(5);
  }
});
