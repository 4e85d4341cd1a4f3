import { expect, test } from 'vitest';
import {
  escapeLine,
  escapeText,
  mention,
  plainText,
  withPeople,
} from '../../../../../src/adapters/slack/blocks/escape.ts';

test.each([
  ['<!channel>', '&lt;!channel&gt;'],
  ['<@U1>', '&lt;@U1&gt;'],
  ['<https://evil|ok>', '&lt;https://evil|ok&gt;'],
  ['a & b', 'a &amp; b'],
  ['&lt;', '&amp;lt;'],
  ['`rm`', 'ˋrmˋ'],
  ['@here now', '@\u2060here now'],
  ['mail@hereford', 'mail@hereford'],
  ['*bold*', '∗bold∗'],
  ['~gone~', '∼gone∼'],
  ['_it_ CACHE_MB', 'ˍitˍ CACHE_MB'],
  [':large_green_circle: fine', '꞉large_green_circle: fine'],
  ['shop:1.4 -> shop:1.5', 'shop:1.4 -&gt; shop:1.5'],
  ['ab\u202ecd\u0000', 'ab cd '],
  ['a\u061cb\u00adc\u180ed\u3164e', 'a b c d e'],
  ['a\u115f\u1160b\uffa0c\u{e0041}d', 'a b c d'],
  ['cut\ud83d in two', 'cut  in two'],
  ['⚠\ufe0f 😀', '⚠\ufe0f 😀'],
  [':+1: :-1: :100: :1234:', '꞉+1: ꞉-1: ꞉100: ꞉1234:'],
  [':笑顔:', '꞉笑顔:'],
  ['at 09:41:12', 'at 09:41:12'],
  ['09:100:12', '09꞉100:12'],
  ['two\nlines', 'two\nlines'],
])('%o is shown as %o', (hostile, expected) => {
  const shown = escapeText(hostile);

  expect(shown).toBe(expected);
});

test('one line stays one line', () => {
  expect(escapeLine(' a\n> quoted\t b ')).toBe('a &gt; quoted b');
});

test('plain text keeps what formats nothing there', () => {
  expect(plainText('`a` <b>\u202e')).toBe('`a` <b> ');
});

test('only the people of an entry are mentioned, whatever its text holds', () => {
  const shown = withPeople('{0} rejected <@U9> and {1}', ['UAMIRA']);

  expect(shown).toBe('<@UAMIRA> rejected &lt;@U9&gt; and {1}');
});

test('what is no user id is no mention', () => {
  expect(mention('U1> <!channel')).toBe('U1&gt; &lt;!channel');
});
