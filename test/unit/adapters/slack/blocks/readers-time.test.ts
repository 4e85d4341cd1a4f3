import type { types } from '@slack/bolt';
import { expect, test } from 'vitest';
import {
  inReadersTime,
  inTimeFromNow,
  viewInReadersTime,
  withReadersTime,
} from '../../../../../src/adapters/slack/blocks/readers-time.ts';
import { killedAt } from '../../../../fixtures/incidents.ts';

const seconds = killedAt / 1000;

test.each([
  ['a time of that day', 'at 14:02:11 UTC.', `at <!date^${seconds}^{time}|14:02:11 UTC>.`],
  ['one to the minute', 'about 14:02 UTC', `about <!date^${seconds - 11}^{time}|14:02 UTC>`],
  [
    'one of another day',
    'since 2026-11-23 14:02:11 UTC',
    `since <!date^${seconds - 86_400}^{date_short} {time}|2026-11-23 14:02:11 UTC>`,
  ],
  ['one of that day with its date', '2026-11-24 14:02:11 UTC', `<!date^${seconds}^{time}|2026-11-24 14:02:11 UTC>`],
  [
    'each of two',
    'from 14:02:11 UTC to 14:02:12 UTC',
    `from <!date^${seconds}^{time}|14:02:11 UTC> to <!date^${seconds + 1}^{time}|14:02:12 UTC>`,
  ],
  ['no time at all', 'at 25:99:99 UTC', 'at 25:99:99 UTC'],
  ['a time of another zone', 'at 14:02:11 CET', 'at 14:02:11 CET'],
])('%s is shown in the time of the reader', (_, text, shown) => {
  expect(inReadersTime(text, killedAt)).toBe(shown);
  expect(inReadersTime(shown, killedAt)).toBe(shown);
});

test('a message keeps within the limits of Slack, and no mark is cut in two', () => {
  const text = 'at 14:02:11 UTC '.repeat(180);
  const blocks: types.KnownBlock[] = Array.from({ length: 4 }, () => ({
    type: 'section',
    text: { type: 'mrkdwn', text, verbatim: true },
  }));

  const shown = withReadersTime({ text, blocks }, killedAt);
  const texts = shown.blocks.map((block) => (block.type === 'section' ? (block.text?.text ?? '') : ''));

  expect(shown.text.length).toBeLessThanOrEqual(4000);
  expect(texts.every((one) => one.length <= 3000)).toBe(true);
  expect(texts.reduce((sum, one) => sum + one.length, 0)).toBeLessThanOrEqual(9000);
  for (const one of texts) expect(one.match(/</g)?.length).toBe(one.match(/>/g)?.length);
});

const now = Date.UTC(2026, 10, 24, 14, 0, 0);

test.each([
  ['{0} rejected it at 13:46:00 UTC; nothing changed', '{0} rejected it 14 min ago; nothing changed'],
  ['paused since 13:00:00 UTC by {0}', 'paused since 60 min ago by {0}'],
  ['at 23:00:00 UTC it was closed', '15 h ago it was closed'],
  ['at 2026-11-22 14:00:00 UTC', '2 d ago'],
  ['frozen until 2026-11-25 02:00:00 UTC (release)', 'frozen for another 12 h (release)'],
  ['until 02:00:00 UTC', 'for another 12 h'],
  ['the limit of 512Mi is 14:00', 'the limit of 512Mi is 14:00'],
])('where Slack shows no times of its readers they are told from now: %s', (text, told) => {
  expect(inTimeFromNow(text, now)).toBe(told);
});

test('a dialog has the times of whoever opened it', () => {
  const text = { type: 'mrkdwn' as const, text: 'closed at 13:46:00 UTC' };
  const input = { type: 'input' as const, label: { type: 'plain_text' as const, text: 'Until 13:46:00 UTC' } };
  const view = {
    type: 'modal' as const,
    title: { type: 'plain_text' as const, text: 'x' },
    blocks: [{ type: 'section' as const, text }, input],
  };

  expect(viewInReadersTime(view, now).blocks).toEqual([
    { type: 'section', text: { ...text, text: 'closed at <!date^1795527960^{time}|13:46:00 UTC>' } },
    input,
  ]);
});
