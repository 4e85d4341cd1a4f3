import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redact } from '../../src/core/redact/redact.ts';

/** Pieces that the expressions begin at, go on with, or turn back on. */
const pieces = (
  'password token secret_ pwd sig Authorization:_Basic_ cookie: bearer_ :// @ :@ / eyJ eyJaaaaaaaa. xoxb- sk- ghp_ AKIA ' +
  'hvs. SG. -----BEGIN_A----- -----END_A----- \n a A1 = " \\" \' _ , & < > -> [ ;a $ x -- . \u{1F600} \\'
)
  .split(' ')
  .map((piece) => piece.replaceAll('_', ' '));

/** What found its beginning again at each place, or its end only at that of the text, while this was written. */
const steep = (
  '://pwd eyJ eyJa. [redacted]token= token=[redacted] password=" secret_\\" cookie:" ://@ ://: password secret-- A1 a@ ,a ' +
  'token_abcdefgh -----BEGIN_A----- sk- SG.a. \\"\n pass=$pass'
)
  .split(' ')
  .map((unit) => unit.replaceAll('_', ' '));

/** ms, the better of two: other processes only ever add. */
function msOf(text: string): number {
  const times = [1, 2].map(() => {
    const from = performance.now();
    redact(text);
    return performance.now() - from;
  });
  return Math.min(...times);
}

test.each(steep)('a text of nothing but %j costs no more time a letter when it is longer', (unit) => {
  const long = unit.repeat(Math.ceil(120_000 / unit.length));
  const ms = msOf(long);

  // What is quadratic takes longer for so many letters; below it, the growth would be that of the clock.
  const growth = ms < 200 ? 1 : ms / msOf(long.slice(0, 30_000));

  expect(growth).toBeLessThan(10);
});

describe('whatever a text is made of', () => {
  const text = array(constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join(''));

  test('what was redacted once is not changed by doing it again', () => {
    assert(
      property(text, (given) => {
        const once = redact(given);
        expect(redact(once)).toBe(once);
      }),
      { numRuns: 3000, seed: 33 },
    );
  });

  test('as many lines come out as go in', () => {
    assert(
      property(text, (given) => {
        expect(redact(given).split('\n')).toHaveLength(given.split('\n').length);
      }),
      { numRuns: 2000, seed: 34 },
    );
  });
});
