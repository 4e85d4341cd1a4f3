import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { evaluate } from '../../../../src/app/evaluate/evaluate.ts';
import { evaluateOptions } from '../../../../src/app/evaluate/evaluate-options.ts';
import { record } from '../../../../src/core/kill/json-read.ts';
import type { JsonRecord } from '../../../../src/core/kill/json-read.ts';

const recordings = join(import.meta.dirname, '../../../recordings');
const committed = join(recordings, 'traces');
const fair = join(recordings, 'fair-traces');
const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

/** A copy of some committed traces, or of a folder of them, to be changed. */
function copied(...from: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'traces-'));
  made.push(folder);
  for (const one of from) {
    const isFolder = one === committed || one === fair;
    cpSync(isFolder ? one : join(committed, one), isFolder ? folder : join(folder, one), { recursive: true });
  }
  return folder;
}

async function run(dir: string) {
  let out = '';
  let err = '';
  const io = {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (err += text) },
    progress: () => undefined,
  };
  const code = await evaluate({ dir, json: true }, io);
  const lines = out.split('\n').filter((line) => line !== '');
  return { code, err, lines: lines.map((line): JsonRecord => record(JSON.parse(line))) };
}

const runs = new Map<string, ReturnType<typeof run>>();

/** Each of the committed folders is judged once. */
function unchanged(dir: string): ReturnType<typeof run> {
  const running = runs.get(dir) ?? run(dir);
  runs.set(dir, running);
  return running;
}

function judgedOf(lines: readonly JsonRecord[]) {
  return lines.filter((line) => line['summary'] !== true).map(({ cpuMs: _cpuMs, ...line }) => line);
}

function changeSeries(dir: string, change: (lines: readonly string[]) => readonly string[]): void {
  for (const id of readdirSync(dir)) {
    const path = join(dir, id, 'input/series.ndjson');
    const lines = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    writeFileSync(path, `${change(lines).join('\n')}\n`);
  }
}

/** One sample of so many of each run, from the one with this number on. */
function thinned(
  lines: readonly string[],
  { of, nth }: { readonly of: number; readonly nth: number },
): readonly string[] {
  const seen = new Map<string, number>();
  return lines.filter((line) => {
    const row = record(JSON.parse(line));
    const ofRun = `${String(row['pod'])}/${String(row['instance'])}`;
    const count = seen.get(ofRun) ?? 0;
    seen.set(ofRun, count + 1);
    return count % of === nth;
  });
}

/** All files of all traces in a folder, inputs and truths. */
function changeAll(dir: string, change: (content: string, id: string) => string): void {
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const id = path.slice(dir.length + 1).split('/')[0] ?? '';
    writeFileSync(path, change(readFileSync(path, 'utf8'), id));
  }
}

const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/g;
/** Not a round time: nothing may depend on the hour or the day. */
const shiftMs = (37 * 24 + 5) * 3_600_000 + 123_000;

function shifted(content: string): string {
  return content.replaceAll(time, (found) => new Date(Date.parse(`${found}Z`) + shiftMs).toISOString().slice(0, 19));
}

function appOf(dir: string, id: string): string {
  const pod = record(JSON.parse(readFileSync(join(dir, id, 'input/pod.json'), 'utf8')));
  return String(record(record(pod['metadata'])['labels'])['app']);
}

const some = ['007b1392aa', '1377bd2c89', '54a9b3301a', '89fe99c30e', 'bad14525be', 'c63206d68e', '2301f39a35'];

describe('evaluate', () => {
  test('prints a line for each trace, and last the summary', async () => {
    const { code, err, lines } = await unchanged(committed);

    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(lines).toHaveLength(readdirSync(committed).length + 1);
    expect(Object.keys(lines[0] ?? {})).toEqual([
      'id',
      'verdict',
      'confidence',
      'fix',
      'mitigation',
      'nextKillAt',
      'cpuMs',
    ]);
    expect(lines.at(-1)).toMatchObject({ summary: true, traces: lines.length - 1 });
  });

  test('says the same without the truths, and then sums up nothing', async () => {
    const dir = copied(...some);
    const before = await run(dir);
    for (const id of some) rmSync(join(dir, id, 'truth.json'));

    const after = await run(dir);

    expect(judgedOf(after.lines)).toEqual(judgedOf(before.lines));
    expect(after.lines.some(({ summary }) => summary === true)).toBe(false);
  });

  test('says the same when lines of samples are shuffled and doubled', async () => {
    const dir = copied(...some);
    const before = await run(dir);
    changeSeries(dir, (lines) => [...lines, ...lines].toSorted((a, b) => a.slice(20).localeCompare(b.slice(20))));

    expect(judgedOf((await run(dir)).lines)).toEqual(judgedOf(before.lines));
  });

  test.each(
    [
      { from: committed, of: 2 },
      { from: committed, of: 3 },
      // Its samples are up to 5 s apart already, in runs of 15 s and more.
      { from: fair, of: 2 },
    ].flatMap((one) => Array.from({ length: one.of }, (_, nth) => ({ ...one, nth }))),
  )('says nothing else with one sample of $of, from number $nth on: the same, or that it is open', async (one) => {
    const dir = copied(one.from);
    const before = await unchanged(one.from);
    changeSeries(dir, (lines) => thinned(lines, one));

    const after = new Map(judgedOf((await run(dir)).lines).map(({ id, verdict }) => [id, verdict]));

    const others = judgedOf(before.lines).filter(
      ({ id, verdict }) => after.get(id) !== verdict && after.get(id) !== 'inconclusive',
    );
    expect(others.map(({ id, verdict }) => `${String(id)}: ${String(verdict)} -> ${String(after.get(id))}`)).toEqual(
      [],
    );
  });

  test.each([committed, fair])('says the same when everything has another name', async (from) => {
    const dir = copied(from);
    const before = await unchanged(from);
    const apps = new Map(readdirSync(dir).map((id) => [id, appOf(dir, id)]));
    changeAll(dir, (content, id) =>
      content
        .replaceAll(apps.get(id) ?? '', 'zz-other')
        .replaceAll('lab-node-1', 'elsewhere')
        .replaceAll('containerd://', 'containerd://f0'),
    );

    expect(judgedOf((await run(dir)).lines)).toEqual(judgedOf(before.lines));
  });

  test.each([committed, fair])('says the same at another time', async (from) => {
    const dir = copied(from);
    const before = await unchanged(from);
    changeAll(dir, shifted);

    const expected = judgedOf(before.lines).map((line) => record(JSON.parse(shifted(JSON.stringify(line)))));
    expect(judgedOf((await run(dir)).lines)).toEqual(expected);
  });

  test.each(['pod.json', 'events.json', 'log.txt', 'replicasets.json', 'series.ndjson'])(
    'does without %s',
    async (name) => {
      const dir = copied(...some);
      for (const id of some) if (existsSync(join(dir, id, 'input', name))) rmSync(join(dir, id, 'input', name));

      const { code, lines } = await run(dir);

      expect(code).toBe(0);
      expect(judgedOf(lines)).toHaveLength(some.length);
    },
  );

  test('a trace without its pod has no kill', async () => {
    const dir = copied('bad14525be');
    rmSync(join(dir, 'bad14525be/input/pod.json'));

    expect((await run(dir)).lines[0]).toMatchObject({ verdict: null, fix: { kind: 'none', bytes: null } });
  });

  test('what cannot be read is named, and the rest is judged', async () => {
    const dir = copied('bad14525be', 'c63206d68e');
    writeFileSync(join(dir, 'bad14525be/input/events.json'), '{');
    changeSeries(dir, (lines) => ['nonsense', ...lines]);

    const { code, err, lines } = await run(dir);

    expect(code).toBe(3);
    expect(err).toMatch(/bad14525be: events\.json is not JSON\n/);
    expect(err).toMatch(/c63206d68e: series\.ndjson: malformed lines skipped: 1\n/);
    expect(judgedOf(lines).map(({ verdict }) => verdict)).toEqual(['limit-too-low', 'limit-too-low']);
  });

  test('a folder without traces is refused', async () => {
    await expect(run(join(committed, '..', 'nowhere'))).rejects.toThrow(/There is no folder/);
    await expect(run(join(committed, '007b1392aa/input'))).rejects.toThrow(/There is no trace in/);
  });

  test.each([
    [[], /needs a folder/],
    [['a', 'b'], /takes one folder, and "b" is more/],
    [['a', '--jsn'], /Did you mean --json\?.*evaluate --help/],
  ])('%j is refused in one line', (args, words) => {
    expect(() => evaluateOptions(args)).toThrow(words);
  });
});
