import { expect, test } from 'vitest';
import { checkBlocks } from '../../sandbox/slack/blocks/check-blocks.ts';
import { emojiGlyph } from '../../sandbox/slack/page/text/emoji.ts';
import { Refusal } from '../../sandbox/slack/refusal.ts';
import { checkView } from '../../sandbox/slack/views/check-view.ts';
import type { Sample } from '../gallery/sample.ts';
import { samples } from '../gallery/samples.ts';

const all = samples().flatMap(({ name, samples: some }) =>
  some.map((sample) => [`${name}: ${sample.name}`, sample] as const),
);

/** What the pretend Slack, which has Slack's own limits, says of it; null where it takes it. */
function refusalOf(sample: Sample): unknown {
  try {
    if (sample.kind === 'dialog') checkView(sample.view, 'modal');
    else if (sample.kind === 'home') checkView({ type: 'home', blocks: sample.blocks }, 'home');
    else for (const blocks of [sample.blocks, sample.classic ?? []]) checkBlocks(blocks, () => undefined);
    return null;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [error.code, error.extra];
  }
}

test('each message of the gallery is one that Slack accepts', () => {
  expect(all.flatMap(([name, sample]) => (refusalOf(sample) === null ? [] : [[name, refusalOf(sample)]]))).toEqual([]);
});

test('each has a text that says it for notifications and screen readers', () => {
  const without = all.filter(([, one]) => one.kind !== 'dialog' && one.kind !== 'home' && one.text.trim() === '');

  expect(without.map(([name]) => name)).toEqual([]);
});

test('each is named once, and there are enough to look at', () => {
  const names = all.map(([name]) => name);

  expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([]);
  expect(names.length).toBeGreaterThan(100);
});

test('the page has a picture for each emoji that the bot writes', () => {
  const written = new Set(
    all.flatMap(([, sample]) =>
      [...JSON.stringify(sample).matchAll(/(?<!\w):([a-z][a-z_]+):/g)].map(([, name = '']) => name),
    ),
  );

  expect([...written].filter((name) => emojiGlyph(name) === undefined)).toEqual([]);
  expect(written).toContain('red_circle');
});
