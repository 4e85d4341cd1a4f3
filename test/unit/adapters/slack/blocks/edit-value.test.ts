import type { types } from '@slack/bolt';
import { expect, test } from 'vitest';
import type { ButtonValue } from '../../../../../src/adapters/slack/blocks/button-value.ts';
import { decodeButtonValue } from '../../../../../src/adapters/slack/blocks/button-value.ts';
import {
  renderEditValue,
  renderNothingToEdit,
  renderOpening,
} from '../../../../../src/adapters/slack/blocks/edit-value.ts';
import type { ValueBounds } from '../../../../../src/core/recommend/judge-value.ts';
import { checkView } from '../../../../../sandbox/slack/views/check-view.ts';
import { aLoaded, anExplanation, Mi } from '../../../../fixtures/incidents.ts';

const about: ButtonValue = { cluster: 'prod', incident: 'INC-7F3K', plan: 'PLAN-7F3K2A', version: 3 };
const bounds: ValueBounds = {
  fromLimitBytes: 512 * Mi,
  lastSampleBytes: 412 * Mi,
  peakBytes: 505 * Mi,
  recommendedBytes: 640 * Mi,
  demand: null,
  nodeAllocatableBytes: null,
  nodeFreeBytes: 600 * Mi,
  quota: null,
  limitRange: null,
  slopeBytesPerSecond: 4 * Mi,
};
const loaded = aLoaded({ explained: anExplanation({ bounds }) });
const hostile = '`<!channel>` <@U1> *x* &amp; '.repeat(40);
const longest = 'x'.repeat(253);

const worst = aLoaded({
  explained: anExplanation({ bounds }),
  subject: {
    cluster: 'c'.repeat(40),
    namespace: longest,
    workload: { kind: longest, name: hostile },
    container: hostile,
  },
});

const views: readonly [string, types.ModalView][] = [
  ['at first', renderOpening(about)],
  ['filled', renderEditValue(about, loaded, bounds, '640Mi')],
  ['with nothing typed', renderEditValue(about, loaded, bounds, '')],
  ['with names as long as can be', renderEditValue(about, worst, bounds, hostile)],
  [
    'with nothing to edit',
    renderNothingToEdit(about, { text: `{0} did it: ${hostile}`.repeat(9), people: ['UAMIRA'] }),
  ],
];

test.each(views)('the dialog %s is within what Slack takes, and knows what it is about', (_, view) => {
  expect(() => checkView(view, 'modal')).not.toThrow();
  expect(decodeButtonValue(view.private_metadata)).toEqual(about);
});

test('names and what was typed form no mention', () => {
  const view = renderEditValue(about, worst, bounds, hostile);
  const input = JSON.stringify(view.blocks.find(({ type }) => type === 'input'));

  // What stands in the input is nobody's text but the person's own.
  expect(JSON.stringify(view.blocks).replace(input, '')).not.toMatch(/<[!@]|`/);
});

test('the input has a label, a hint and an example, and its meaning is said in words', () => {
  const words = JSON.stringify(renderEditValue(about, loaded, bounds, '768Mi').blocks);

  expect(words).toContain('Memory limit (the request follows it)');
  expect(words).toContain('A size such as 512Mi or 1.5Gi.');
  expect(words).toContain('What 768Mi would mean:');
  expect(words).toContain('no limit fixes a leak');
  expect(words).toContain('its node has 600Mi left for it');
});
