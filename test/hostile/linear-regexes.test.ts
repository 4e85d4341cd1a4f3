import { assert, constantFrom, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { slowText, superLinear } from '../../scripts/linear-regexes.ts';
import { parseRegex, runRegex } from '../../scripts/regex-steps.ts';

describe('the check that finds regular expressions which a text could stop a process with', () => {
  test.each([
    ['emoji codes, as they once were looked for', /:(?=(?:[a-z0-9_+'-]*[a-z][a-z0-9_+'-]*):)/giu],
    ['variables in commands, as they once were', /\$(?:\{(\w+)[^}]*\}|\((\w+)\)|(\w+))/g],
    ['what ends at the end', /\/+$/],
    ['two repetitions that can share', /^(\d+\.?\d*|\.\d+)Mi$/],
    ['a beginning that can come again', /victim process: (.*?), pid: (\d+)/],
    ['words that nothing ends', /(\w+)="/g],
    ['a text that only one character at its end makes slow', /<(?:[@!][^>]*|http[^>]*)?$/],
    ['repetitions in a repetition', /^(?:a+)+$/],
    ['what a look ahead repeats', /(?=(a*)b)/],
    ['what a look behind repeats', /(?<=a.*)b/],
  ])('finds %s', (_, { source, flags }) => {
    expect(slowText(source, flags)).not.toBeNull();
  });

  test.each([
    ['an end with a beginning', /(?<!\/)\/+$/],
    ['parts that share nothing', /^(\d+(?:\.\d*)?|\.\d+)Mi$/],
    ['a bounded repetition', /victim process: (.{0,64}?), pid: (\d+)/],
    ['words from their beginning', /(?<!\w)(\w+)="/g],
    ['what goes on where the last one ended', /(\d+)(ms|[dhms])/gy],
    ['groups that begin differently', /^(?:\d+(?:ms|[dhms]))+$/],
  ])('lets %s pass', (_, { source, flags }) => {
    expect(slowText(source, flags)).toBeNull();
  });

  test('says where it is, and what makes it slow', () => {
    const text = 'const a = 1;\nexport const slow = /-+$/;\nexport const made = new RegExp(process.argv[2]);\n';

    const found = superLinear([{ path: 'src/core/a.ts', text }]);

    expect(found).toEqual([
      expect.stringMatching(/^src\/core\/a\.ts:2 .* is not linear: "-" again and again, then /),
      expect.stringMatching(/^src\/core\/a\.ts:3 is made at run time/),
    ]);
  });

  test.each([
    [/([ab]+?)(?:ab|b{2,3})|c$/gm],
    [/(?<![ab])_|_(?!c)|(?<=a.?)b\b/g],
    [/^\p{L}{1,2}[^\n]*?[\d_-]|\u{1f600}+/giu],
  ])('matches where %s does', (pattern) => {
    const { source, flags } = pattern;
    const parsed = parseRegex(source, flags);

    assert(
      property(string({ unit: constantFrom(...Array.from('abcB_- 1\n😀é')), maxLength: 12 }), (text) => {
        const wanted = [...text.matchAll(pattern)].map(({ 0: found, index }) => [index, index + found.length]);
        const { found } = runRegex(parsed, { text, flags, most: 1e6 });
        expect(found).toEqual(wanted);
      }),
      { seed: 13, numRuns: 500 },
    );
  });
});
