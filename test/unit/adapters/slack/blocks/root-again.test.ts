import { expect, test } from 'vitest';
import { renderRoot } from '../../../../../src/adapters/slack/blocks/root.ts';
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
  return { text: message.text, buttons };
}

test('after a rejection the root says by whom and why, and offers the proposal again', () => {
  const { text, buttons } = rootOf(
    aRemediation('rejected', { rejected: { ...by, reason: 'not tonight, <!channel>' } }),
    offered,
  );

  expect(text).toMatch(/^OOMKilled checkout/);
  expect(text).toContain(
    'Rejected: limit 640Mi (PLAN-7F3K2A), by <@UAMIRA> at 14:03:11 UTC: “not tonight, &lt;!channel&gt;”. Nothing was changed. What can be done now is offered below.',
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
