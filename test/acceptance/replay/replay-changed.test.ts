import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../sandbox/scenario/scenario-seed.ts';
import type { Answer, Capture } from './replay-captures.ts';
import { nodeEvents, readCaptures, replayTexts } from './replay-captures.ts';

/*
 * The same recordings as somebody else might have made or kept them: none of it may change what is found. Many changes
 * are made at once, from a seed, because each replay costs; a failure names the recording and the seed.
 */

const captures = readCaptures(join(import.meta.dirname, '../../recordings/captures'));
const seeds = (process.env['OOMKEEPER_TEST_SEEDS'] ?? '1,2').split(',').map(Number);

interface Files {
  readonly pods: readonly string[];
  readonly events: readonly string[];
  readonly metrics: readonly string[];
}

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');

/** Node and container ids, names and times may change; everything else stays. */
function essence({ lines }: Answer): readonly string[] {
  return lines
    .map((line) => {
      const { incident, firstKilledAt: _first, lastKilledAt: _last, at: _at, ...rest } = line;
      const { podUid: _uid, node: _node, workload, ...found } = { podUid: null, node: null, ...rest };
      const owner = workload.kind === 'Node' ? 'Node' : `${workload.kind}/${workload.name}`;
      return JSON.stringify({ found: incident === undefined ? 'ignored' : 'incident', owner, ...found });
    })
    .toSorted();
}

function original(capture: Capture): Files {
  const { pods, events, metrics } = capture;
  return { pods: [pods], events: [events, nodeEvents(capture, 'with the cgroup')], metrics: [metrics] };
}

function replayed({ pods, events, metrics }: Files): Promise<Answer> {
  return replayTexts(pods, events, undefined, metrics);
}

function each(files: Files, change: (text: string) => readonly string[]): Files {
  return {
    pods: files.pods.flatMap(change),
    events: files.events.flatMap(change),
    metrics: files.metrics.flatMap(change),
  };
}

function shuffled<Value>(values: readonly Value[], random: () => number): readonly Value[] {
  return values
    .map((value) => ({ value, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ value }) => value);
}

/** Every key of every object in another order, and spaces as other encoders write them. */
function reencoded(line: string, random: () => number): string {
  const again = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(again);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, of]): [string, unknown] => [key, again(of)]);
    return Object.fromEntries(shuffled(entries, random));
  };
  return JSON.stringify(again(JSON.parse(line)), null, random() < 0.5 ? 0 : 1).replaceAll('\n', ' ');
}

/** Ids, the node and the runtime, each everywhere the same. */
function renamed(random: () => number): (text: string) => string {
  const names = new Map<string, string>();
  const other = (name: string): string => {
    const known = names.get(name) ?? name.replaceAll(/[0-9a-f]/g, () => Math.floor(random() * 16).toString(16));
    names.set(name, known);
    return known;
  };
  return (text) =>
    text
      .replaceAll(/\b(?:[0-9a-f]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b/g, other)
      .replaceAll('lab-node-1', 'ip-10-0-0-7.eu-west-1.compute.internal')
      .replaceAll('containerd://', 'cri-o://');
}

function shifted(text: string, ms: number): string {
  return text.replaceAll(/(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z/g, (_, seconds: string, fraction = '') => {
    const moved = new Date(Date.parse(`${seconds}Z`) + ms).toISOString();
    return `${moved.slice(0, 19)}${fraction}Z`;
  });
}

/** Lines dealt out to files, some to two, each file in its own order. */
function scattered(text: string, random: () => number): readonly string[] {
  const files: string[][] = [[], [], []];
  for (const line of linesOf(text)) {
    const first = Math.floor(random() * files.length);
    const both = random() < 0.3 ? [first, (first + 1) % files.length] : [first];
    for (const file of both) files[file]?.push(line);
  }
  return files.map((lines) => shuffled(lines, random).join('\n'));
}

describe('what must change nothing', () => {
  test.each(seeds)('other ids, encodings, times and orders, doubled and in pieces, by seed %i', async (seed) => {
    for (const capture of captures) {
      const random = seededRandom(seed);
      const rename = renamed(random);
      // Across the end of a year, and of a summer time.
      const toYearEnd = Date.UTC(2026, 11, 31, 23, 59, 40) - Date.UTC(2026, 10, 24, 7, 0, 0);
      const files = each(original(capture), (text) => [
        linesOf(shifted(rename(text), toYearEnd))
          .map((line) => reencoded(line, random))
          .join('\n'),
      ]);
      const expected = essence(await replayed(original(capture)));

      const answer = await replayed(each(files, (text) => scattered(text, random)));

      expect({ name: capture.name, found: essence(answer) }).toEqual({ name: capture.name, found: expected });
      expect([answer.exitCode, answer.stderr]).toEqual([0, '']);
    }
  });

  test('every line after the one that it should precede', async () => {
    for (const capture of captures) {
      const backwards = each(original(capture), (text) => [linesOf(text).toReversed().join('\n')]);
      const expected = await replayed(original(capture));

      const answer = await replayed(backwards);

      expect({ name: capture.name, found: answer.lines }).toEqual({ name: capture.name, found: expected.lines });
    }
  });

  test('pods and Events in one stream, without kinds, managers and envelopes', async () => {
    const bare = (line: string): string => {
      const { line: event } = JSON.parse(line);
      delete event.object.kind;
      delete event.object.metadata.managedFields;
      return JSON.stringify(event);
    };
    for (const capture of captures) {
      const { pods, events } = original(capture);
      const stream = [...pods, ...events].flatMap(linesOf).map(bare).join('\n');
      const expected = essence(await replayTexts(pods, events));

      const answer = await replayTexts([stream], []);

      expect({ name: capture.name, found: essence(answer) }).toEqual({ name: capture.name, found: expected });
    }
  });

  test('a list in the middle, after the watch expired', async () => {
    const expired =
      '{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410}}';
    for (const { name, pods, events } of captures) {
      const lines = linesOf(pods);
      const half = Math.floor(lines.length / 2);
      const known = new Map(lines.slice(0, half).map((line) => [/"uid":"([^"]+)"/.exec(line)?.[1], line]));
      const listed = [...known.values()]
        .filter((line) => !line.includes('"type":"DELETED"'))
        .map((line) => line.replace('"type":"MODIFIED"', '"type":"ADDED"'));
      const expected = await replayTexts([pods], [events]);

      const answer = await replayTexts(
        [[...lines.slice(0, half), expired, ...listed, ...lines.slice(half)].join('\n')],
        [events],
      );

      expect({ name, found: answer.lines }).toEqual({ name, found: expected.lines });
    }
  });
});

describe('a recording of which only the last is left', () => {
  test('shows fewer kills of the same containers, and no others', async () => {
    for (const { name, pods, events } of captures) {
      const last = new Map(linesOf(pods).map((line) => [/"uid":"([^"]+)"/.exec(line)?.[1], line]));
      const subject = (line: Answer['lines'][number]) =>
        `${line.workload.kind}/${line.workload.name} ${line.container} ${line.kind} ${line.suspect}`;
      const whole = new Map((await replayTexts([pods], [events])).lines.map((line) => [subject(line), line.kills]));

      const answer = await replayTexts([[...last.values()].join('\n')], [events]);

      for (const line of answer.lines) {
        expect({ name, subject: subject(line), most: whole.get(subject(line)) ?? 0 }).toMatchObject({
          most: expect.toSatisfy((most: number) => line.kills <= most),
        });
      }
    }
  });
});
