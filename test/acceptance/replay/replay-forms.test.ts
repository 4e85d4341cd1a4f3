import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { replay } from '../../../src/app/replay/replay.ts';
import { replayOptions } from '../../../src/app/replay/replay-options.ts';
import { readCaptures, replayTexts } from './replay-captures.ts';

// Recordings in the forms in which they come out of other tools, and files that are none or not whole.

const captures = readCaptures(join(import.meta.dirname, '../../recordings/captures'));
const rollout = captures.find(({ name }) => name === 'rollout');
if (rollout === undefined) throw new Error('no recording rollout');
const { pods, events, truth } = rollout;

const watchEvent = z.object({ line: z.object({ type: z.string(), object: z.looseObject({ kind: z.string() }) }) });
const lines = pods.split('\n').filter((line) => line !== '');
const watched = lines.map((line) => watchEvent.parse(JSON.parse(line)).line);
const objects = watched.map(({ object }) => object);
const json = (values: readonly unknown[], indent = 0) => values.map((value) => JSON.stringify(value, null, indent));
const withoutKind = (object: { readonly kind: string }) => ({ ...object, kind: undefined });

async function* once(bytes: Uint8Array, size = bytes.length): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
  await Promise.resolve();
}

describe('a recording', () => {
  test.each<[string, string]>([
    ['with an object over many lines', json(watched, 2).join('\n')],
    ['with an object over many lines, by Windows', json(watched, 4).join('\n').replaceAll('\n', '\r\n')],
    ['of objects alone, as kubectl writes them without --output-watch-events', json(objects, 4).join('\n')],
    ['that is a list of kubectl', JSON.stringify({ kind: 'List', apiVersion: 'v1', items: objects }, null, 4)],
    [
      'that is a list of the API, whose items have no kind',
      JSON.stringify({ kind: 'PodList', metadata: { resourceVersion: '7' }, items: objects.map(withoutKind) }),
    ],
    [
      'of tables with their objects',
      json(
        objects.map((object) => ({ type: 'MODIFIED', object: { kind: 'Table', rows: [{ cells: [], object }] } })),
      ).join('\n'),
    ],
    [
      'whose lines were kept as texts',
      lines
        .map((line) =>
          JSON.stringify({ at: /"at":"([^"]+)"/.exec(line)?.[1], line: line.slice(line.indexOf('{"type"'), -1) }),
        )
        .join('\n'),
    ],
    ['with a byte order mark', `\u{feff}${pods}`],
  ])('%s is read', async (_, text) => {
    const answer = await replayTexts([text], [events]);

    expect([answer.incidents, answer.exitCode, answer.stderr]).toEqual([truth, 0, '']);
  });

  test.each([7, 100_000])('packed by gzip, in two members, is read %i bytes at a time', async (size) => {
    const packed = Buffer.concat([gzipSync(`${lines.slice(0, 9).join('\n')}\n`), gzipSync(lines.slice(9).join('\n'))]);

    const answer = await replayTexts(['-'], [events], once(packed, size));

    expect([answer.incidents, answer.exitCode]).toEqual([truth, 0]);
  });

  test('whose object is cut off within its lines loses that object alone', async () => {
    const [first = '', ...rest] = json(watched, 2);
    const cut = first.split('\n').slice(0, 20).join('\n');

    const answer = await replayTexts([[cut, ...rest].join('\n')], [events]);

    expect([answer.incidents, answer.exitCode]).toEqual([truth, 3]);
    expect(answer.stderr).toMatch(/^\S+:1: malformed line skipped: .*\n1 malformed line skipped\.\n$/);
  });
});

describe('what cannot be read', () => {
  test('of a gzip that was cut off all comes that can be unpacked, and it is said', async () => {
    const packed = gzipSync(pods);

    const answer = await replayTexts(['-'], [events], once(packed.subarray(0, -8), 999));

    expect([answer.incidents, answer.exitCode]).toEqual([truth, 3]);
    expect(answer.stderr).toMatch(/^Cannot read - after line \d+: unexpected end of file\. What it would have shown/);
  });

  test.each([
    ['a file that is not there', (folder: string) => join(folder, 'missing'), /ENOENT/],
    ['a folder', (folder: string) => folder, /EISDIR/],
  ])('%s is named, and the others are read', async (_, fileIn, why) => {
    const folder = await mkdtemp(join(tmpdir(), 'replay-'));
    const file = join(folder, 'pods.ndjson');
    await writeFile(file, pods);
    const said = { stdout: '', stderr: '' };

    const exitCode = await replay(replayOptions(['--pods', fileIn(folder), '--pods', file, '--json']), {
      stdin: process.stdin,
      stdout: { write: (text: string) => (said.stdout += text) },
      stderr: { write: (text: string) => (said.stderr += text) },
    });
    await rm(folder, { recursive: true });

    expect(exitCode).toBe(3);
    expect(said.stdout).toMatch(/"kills":5,/);
    expect(said.stderr).toContain(`Cannot read ${fileIn(folder)}: `);
    expect(said.stderr).toMatch(why);
  });

  test('bytes that are no text, and a line without end, cost no more than themselves', async () => {
    const noise = Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 7_919) % 256));
    const endless = `{"type":"ADDED","object":{"x":"${'a'.repeat(17 * 2 ** 20)}"}}`;
    const all = Buffer.concat([noise, Buffer.from(`\n${endless}\n${pods}`)]);

    const answer = await replayTexts(['-'], [events], once(all, 1 << 20));

    expect([answer.incidents, answer.exitCode]).toEqual([truth, 3]);
    expect(answer.stderr).toMatch(/malformed line skipped: longer than \d+ bytes/);
    expect(answer.stderr.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  test('a pod without any time in it, before all others, is read', async () => {
    const evicted = {
      kind: 'Pod',
      metadata: { name: 'hog', namespace: 'shop', uid: 'hog' },
      status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' },
    };

    const answer = await replayTexts([`${JSON.stringify({ type: 'ADDED', object: evicted })}\n${pods}`], [events]);

    expect(answer.incidents).toEqual(['Pod/hog pod -: eviction x 1', ...truth].toSorted());
  });
});

test.each([
  [['--pod', 'x'], /Unknown option '--pod'\. Did you mean --pods\?/],
  [['--pods', 'x', '--ignore'], /Did you mean --ignored\?/],
  [['--pods', 'x', 'y'], /Unexpected argument 'y'/],
  [['--pods', ''], /name of a file is empty/],
])('arguments %j are refused with what was meant', (argv, words) => {
  expect(() => replayOptions(argv)).toThrow(words);
});
