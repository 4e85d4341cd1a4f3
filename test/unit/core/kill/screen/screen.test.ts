import { describe, expect, test } from 'vitest';
import { createLineScreen } from '../../../../../src/core/kill/screen/screen.ts';

const plain = '{"type":"MODIFIED","object":{"kind":"Pod","metadata":{"name":"a","resourceVersion":"7"}}}';
const killed = '{"type":"MODIFIED","object":{"kind":"Pod","status":{"state":{"terminated":{"exitCode":137}}}}}';
const evicted = '{"type":"DELETED","object":{"kind":"Pod","status":{"phase":"Failed","reason":"Evicted"}}}';
const bookmark = '{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}';
const error = '{"type":"ERROR","object":{"kind":"Status","code":410}}';
const stream = [plain, killed, plain, bookmark, plain, evicted, error, plain].map((line) => `${line}\n`).join('');
const expected = [
  ['candidate', killed],
  ['bookmark', bookmark],
  ['candidate', evicted],
  ['error', error],
];

/** Screens a text in chunks of this size; the lines as text. */
function screen(text: string, chunkBytes = text.length, maxLineBytes?: number): readonly (readonly string[])[] {
  const lines = createLineScreen(maxLineBytes === undefined ? {} : { maxLineBytes });
  const bytes = Buffer.from(text);
  const found: (readonly string[])[] = [];
  for (let from = 0; from < bytes.length; from += chunkBytes) {
    for (const line of lines.push(bytes.subarray(from, from + chunkBytes)))
      found.push([line.is, line.bytes.toString()]);
  }
  return [...found, ...lines.end().map((line) => [line.is, line.bytes.toString()])];
}

describe('compact lines, as the API server writes them', () => {
  test.each([1, 2, 7, 64, 100, 1000])('are screened the same in chunks of %i bytes', (chunkBytes) => {
    expect(screen(stream, chunkBytes)).toEqual(expected);
  });

  test('may end with carriage return and line feed, and be empty', () => {
    expect(screen(`\r\n${stream.replaceAll('\n', '\r\n\n')}`)).toEqual(expected);
  });

  test('may hold characters of several bytes, cut anywhere', () => {
    const line = killed.replace('Pod', 'Päd ☸ 𝒌');

    expect(screen(`${line}\n`, 1)).toEqual([['candidate', line]]);
  });

  test('with a container that was killed before it was one are candidates', () => {
    const line = `{"type":"MODIFIED","object":{"state":{"waiting":{"reason":"CreateContainerError","message":"x"}}}}`;

    expect(screen(`${line}\n`)).toEqual([['candidate', line]]);
  });

  test('are not taken for a kill because of managedFields or an annotation', () => {
    const line = `{"type":"MODIFIED","object":{"f:terminated":{},"note":${JSON.stringify('{"terminated":{}}')}}}`;

    expect(screen(`${line}\n`)).toEqual([]);
  });

  test('of which the last has no line end are whole when the object is', () => {
    expect(screen(killed)).toEqual([['candidate', killed]]);
  });

  test('that are cut off are malformed, and the next line is read', () => {
    expect(screen(`${killed.slice(0, 40)}\n${killed}\n`)).toEqual([
      ['malformed', killed.slice(0, 40)],
      ['candidate', killed],
    ]);
  });

  test.each([1, 7, 1_000])('that are no text somewhere are malformed, in chunks of %i bytes', (chunkBytes) => {
    const spoiled = (bytes: string): Buffer => {
      const at = killed.indexOf('"terminated"');
      return Buffer.concat([
        Buffer.from(killed.slice(0, at)),
        Buffer.from(bytes, 'latin1'),
        Buffer.from(`${killed.slice(at + bytes.length)}\n${plain}\n`),
      ]);
    };
    const kinds = ['\xff'.repeat(30), '\0'.repeat(30), `${'x'.repeat(20)}\xc3(${'x'.repeat(8)}`].map((bytes) => {
      const lines = createLineScreen();
      const whole = spoiled(bytes);
      const found: string[] = [];
      for (let from = 0; from < whole.length; from += chunkBytes)
        found.push(...lines.push(whole.subarray(from, from + chunkBytes)).map(({ is }) => is));
      return found;
    });

    expect(kinds).toEqual([['malformed'], ['malformed'], ['malformed']]);
  });

  test('that cannot be read are not where a stream resumes', () => {
    const lines = createLineScreen();
    const next = plain.replace('"7"', '"8"');

    const found = lines.push(Buffer.from(`${plain}\n${next.slice(0, -3)}\n`));

    expect(found.map(({ is, after }) => [is, after])).toEqual([['malformed', '7']]);
    expect(lines.lastResourceVersion()).toBe('7');
  });

  test('can be screened for something else', () => {
    const lines = createLineScreen({ needles: ['"name":"a"'] });

    const found = lines.push(Buffer.from(stream));

    expect(found.filter(({ is }) => is === 'candidate').map(({ bytes }) => bytes.toString())).toEqual(
      Array(4).fill(plain),
    );
  });
});

describe('overlong lines', () => {
  const long = killed.replace('Pod', 'P'.repeat(2000));

  test.each([100, 999, 100_000])('are dropped and reported, in chunks of %i bytes', (chunkBytes) => {
    const found = screen(`${long}\n${killed}\n`, chunkBytes, 1000);

    expect(found.map(([kind]) => kind)).toEqual(['too-long', 'candidate']);
    expect(found[0]?.[1]).toBe(long.slice(0, 512));
  });

  test('of a pod with a 1 MiB annotation are within the default', () => {
    const big = killed.replace('Pod', 'P'.repeat(1024 * 1024));

    expect(screen(`${big}\n`, 65_536)).toEqual([['candidate', big]]);
  });
});

describe('lines that somebody encoded again', () => {
  const spaced = '{"type": "MODIFIED", "object": {"kind": "Pod", "status": {"terminated" : {}}}}';
  const sorted = '{"object":{"kind":"Pod"},"type":"MODIFIED"}';
  const pretty = JSON.stringify(JSON.parse(killed), null, 2);

  test.each([
    ['with spaces', spaced],
    ['with sorted keys', sorted],
    ['over several lines', pretty],
    [
      'over several lines, with braces in strings',
      JSON.stringify({ type: 'ADDED', object: { note: '}{"\\' } }, null, 2),
    ],
  ])('%s are all handed out', (_, object) => {
    expect(screen(`${object}\n${object}\n`, 5)).toEqual([
      ['candidate', object],
      ['candidate', object],
    ]);
  });

  test('and are unfinished when another object begins', () => {
    const begun = pretty.split('\n').slice(0, 3).join('\n');

    expect(screen(`${begun}\n${pretty}\n${begun}\n${killed}\n${begun}`)).toEqual([
      ['malformed', `${begun}\n`],
      ['candidate', pretty],
      ['malformed', `${begun}\n`],
      ['candidate', killed],
      ['malformed', `${begun}\n`],
    ]);
  });

  test('and lose a line on their way are malformed, not an object without it', () => {
    const spoilt = pretty.replace('"exitCode": 137', '"exitCode": 137\0');

    expect(screen(`${spoilt}\n${spaced}\n`).filter(([is]) => is === 'candidate')).toEqual([['candidate', spaced]]);
  });

  test('and never end are dropped at the limit', () => {
    const found = screen(`{\n${' "a": 1,\n'.repeat(200)}`, 64, 1000);

    expect(found[0]?.[0]).toBe('too-long');
  });

  test('have the whole stream handed out from there on, and nothing before', () => {
    const compact = [plain, bookmark, killed];

    const found = screen([...compact, spaced, ...compact].map((line) => `${line}\n`).join(''), 64);

    expect(found).toEqual([
      ['bookmark', bookmark],
      ['candidate', killed],
      ...[spaced, ...compact].map((line) => ['candidate', line]),
    ]);
  });

  test('are not meant by a line that begins no object: it is malformed, and the next ones are screened', () => {
    expect(screen(`${plain.slice(20)}\n${plain}\n${killed}\n`)).toEqual([
      ['malformed', plain.slice(20)],
      ['candidate', killed],
    ]);
  });

  test('and what is no JSON at all is malformed', () => {
    expect(screen('<html>\n502 Bad Gateway\n')).toEqual([
      ['malformed', '<html>'],
      ['malformed', '502 Bad Gateway'],
    ]);
  });
});

test('the last resourceVersion is known although the line was screened out', () => {
  const lines = createLineScreen();

  const before = lines.lastResourceVersion();
  const found = lines.push(Buffer.from(`${plain}\n${plain.replace('"7"', '"8"')}\n${plain.slice(0, 20)}`));

  expect([before, found, lines.lastResourceVersion()]).toEqual([null, [], '8']);
});

test.each([
  ['behind it', (line: string) => line.slice(0, line.indexOf('"8"') + 3)],
  ['after a brace, as a whole line would', (line: string) => line.slice(0, line.lastIndexOf('}', line.length - 2) + 1)],
])('the version of a line that the end of the stream cut off %s is not reached', (_, cut) => {
  const lines = createLineScreen();
  const torn = cut(plain.replace('"7"', '"8"'));

  lines.push(Buffer.from(`${plain}\n${torn}`));
  lines.end();

  expect(torn).toContain('"8"');
  expect(lines.lastResourceVersion()).toBe('7');
});
