import { expect, test } from 'vitest';
import { renderShow } from '../../../../../src/adapters/slack/blocks/answers/show.ts';
import { problemsOf } from '../limits-of.ts';
import { aLoaded, anExplanation, aRemediation } from '../../../../fixtures/incidents.ts';

const loaded = aLoaded({ explained: anExplanation(), remediations: [aRemediation('proposed')] });

test('the incident is shown as its root shows it, without anything to click, with the link to its thread', () => {
  const answer = renderShow(loaded, { is: 'link', url: 'https://acme.slack.com/archives/C1/p1' });

  expect(answer.blocks.map(({ type }) => type)).not.toContain('actions');
  expect(JSON.stringify(answer.blocks)).not.toContain('"accessory"');
  expect(JSON.stringify(answer.blocks)).toContain('Limit too low: steady at 505Mi');
  expect(answer.blocks.at(-1)).toMatchObject({
    elements: [{ text: '<https://acme.slack.com/archives/C1/p1|Open its thread>' }],
  });
  expect(answer.text).toContain('Its thread: https://acme.slack.com/archives/C1/p1');
  expect(problemsOf(answer)).toEqual([]);
});

test.each([
  [{ is: 'not-posted' } as const, 'It has no thread of its own yet.'],
  [{ is: 'no-link' } as const, 'Slack gives no link to its thread'],
  [{ is: 'link', url: 'javascript:x|<!here>' } as const, 'Slack gives no usable link'],
])('where there is no link the reason stands there (%#)', (link, words) => {
  expect(renderShow(loaded, link).text).toContain(words);
});
