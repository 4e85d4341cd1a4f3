import { expect, test } from 'vitest';
import { renderRoot } from '../../../../../src/adapters/slack/blocks/root.ts';
import { problemsOf } from '../limits-of.ts';
import type { Remediation } from '../../../../../src/core/incident/incident.ts';
import { aLoaded, anExplanation, aPlan, aRemediation, killedAt } from '../../../../fixtures/incidents.ts';

const explained = anExplanation();
const by = { by: 'UAMIRA', at: killedAt + 60_000 };
const offered = aRemediation('proposed', { plan: aPlan({ id: 'PLAN-AGA1N2' }) });

function rootOf(...remediations: readonly Remediation[]) {
  const message = renderRoot(aLoaded({ explained, remediations: [...remediations] }));
  const buttons = message.blocks.flatMap((block) =>
    block.type === 'actions' ? block.elements.flatMap((one) => ('action_id' in one ? [one.action_id] : [])) : [],
  );
  return { text: message.text, buttons, blocks: message.blocks };
}

test('after a rejection the root says by whom and why, and offers the proposal again', () => {
  const { text, buttons } = rootOf(
    aRemediation('rejected', { rejected: { ...by, reason: 'not tonight, <!channel>' } }),
    offered,
  );

  expect(text).toMatch(/^OOMKilled checkout/);
  expect(text).toContain(
    'Rejected: limit 640Mi (PLAN-7F3K2A), by <@UAMIRA> at 14:03:11 UTC: “not tonight, &lt;!channel&gt;”. Nothing changed. What can be done now is offered below.',
  );
  expect(buttons).toContain('apply');
});

test.each([
  ['failed', /^The fix failed checkout/],
  ['vanished', /^The change is gone checkout/],
  ['expired', /^OOMKilled checkout/],
] as const)('after one that is %s the headline says so, and a new try is offered', (state, headline) => {
  const { text, buttons } = rootOf(aRemediation(state, { note: 'why.' }), offered);

  expect(text).toMatch(headline);
  expect(text).toContain('What can be done now is offered below.');
  expect(buttons).toContain('apply');
});

test('a fix that held is not spoken of any more when another kill has led to a new offer', () => {
  const held = aRemediation('held', { applied: { at: killedAt, seen: 'it runs.' }, note: 'no kill.' });

  expect(rootOf(held, offered).text).not.toContain('Result:');
});

const applied = { at: killedAt + 70_000, seen: 'it runs.' };
const done = { applied, approved: by, means: 'resize' as const };
const undo = aPlan({
  id: 'PLAN-UND0AA',
  follows: { plan: aPlan().id, as: 'undo' },
  from: aPlan().to,
  to: aPlan().from,
  means: ['resize'],
});

test.each(['verifying', 'held', 'overshot', 'inconclusive'] as const)('what is %s can be undone', (state) => {
  const message = renderRoot(aLoaded({ explained, remediations: [aRemediation(state, done)] }, 5));
  const buttons = message.blocks.flatMap((block) =>
    block.type === 'actions' ? block.elements.flatMap((one) => (one.type === 'button' ? [one] : [])) : [],
  );
  const button = buttons.find(({ action_id }) => action_id === 'undo');

  expect(button?.confirm?.text).toMatchObject({
    text: 'Sets the limit of app back to 512Mi by in-place resize of the running pods; it was killed once there.',
  });
  expect(problemsOf(message)).toEqual([]);
});

test.each(['failed', 'vanished', 'undone', 'proposed', 'requested'] as const)('what is %s has no Undo', (state) => {
  expect(rootOf(aRemediation(state, state === 'failed' ? done : {})).buttons).not.toContain('undo');
});

test('an undo that somebody asked for waits beside the change, which keeps its headline', () => {
  const asked = aRemediation('requested', {
    plan: undo,
    requested: { by: 'USAM', at: killedAt + 80_000 },
    approvers: ['UAMIRA'],
  });
  const { text, buttons } = rootOf(aRemediation('held', { ...done, note: 'no kill.' }), asked);

  expect(text).toMatch(/^Held checkout/);
  expect(text).toContain('to approve the undo of limit 640Mi (back to 512Mi) (PLAN-UND0AA). <@USAM> asked');
  expect(buttons).toEqual(expect.arrayContaining(['approve', 'reject']));
  expect(buttons).not.toContain('undo');
});

test('what was undone says by whom, and that it was seen', () => {
  const { text, buttons } = rootOf(
    aRemediation('undone', done),
    aRemediation('done', { ...done, plan: undo, applied: { at: killedAt + 90_000, seen: 'pod-1 runs with 512Mi.' } }),
  );

  expect(text).toMatch(/^Undone checkout/);
  expect(text).toContain(
    'Undone: limit 640Mi (back to 512Mi) by <@UAMIRA> at 14:03:11 UTC; seen in the cluster at 14:03:41 UTC: pod-1 runs with 512Mi.',
  );
  expect(buttons).not.toContain('undo');
});

test('an undo that was rejected is told of, and the change can be undone again', () => {
  const { text, buttons } = rootOf(
    aRemediation('verifying', done),
    aRemediation('rejected', { plan: undo, rejected: { ...by, reason: 'it helps' } }),
  );

  expect(text).toMatch(/^Applied, being watched checkout/);
  expect(text).toContain('Rejected: the undo of limit 640Mi (back to 512Mi) (PLAN-UND0AA), by <@UAMIRA>');
  expect(buttons).toContain('undo');
});

test('what only the running pods have says so, and can be made permanent', () => {
  const { text, buttons } = rootOf(aRemediation('held', { ...done, temporary: true }));

  expect(text).toContain('Temporary: the next rollout undoes it.');
  expect(buttons).toEqual(expect.arrayContaining(['make-permanent', 'undo']));
  expect(rootOf(aRemediation('held', done)).text).not.toContain('Temporary');
  expect(rootOf(aRemediation('held', done)).buttons).not.toContain('make-permanent');
});

test.each([
  [null, false],
  ['did-not-come', false],
  ['as-expected', true],
  ['earlier', true],
] as const)('what bought time and was killed again (%s) says once more what would fix it', (kept, isSaid) => {
  const promise = { at: killedAt + 60_000, by: 'growth' as const, madeAt: killedAt, remindedAt: null, kept };
  const { text } = rootOf(aRemediation('bought-time', { ...done, promise, note: 'killed again.' }));

  expect(text.includes(explained.recommendation.fix.why)).toBe(isSaid);
});

test('where a pull request offers the same, that is what makes it permanent', () => {
  const toForge = aRemediation('proposed', { plan: aPlan({ id: 'PLAN-F0RGE1', means: ['pull-request'] }) });
  const { buttons } = rootOf(aRemediation('held', { ...done, temporary: true }), toForge);

  expect(buttons).toContain('open-pr');
  expect(buttons).not.toContain('make-permanent');
});

test.each([
  [
    'pull-request',
    {},
    /Opens a pull request that puts the lines of the file back.* Nothing changes before it is merged/,
  ],
  ['roll-back', { rollBack: { toRevision: '3', hash: 'a', template: null } }, /Rolls forward again.* by revision 3;/],
] as const)('what the undo of a %s does is asked before', (means, changes, words) => {
  const { blocks, buttons } = rootOf(
    aRemediation('held', { ...done, plan: aPlan({ means: [means], ...changes }), means }),
  );

  expect(buttons).toContain('undo');
  expect(JSON.stringify(blocks)).toMatch(words);
});
