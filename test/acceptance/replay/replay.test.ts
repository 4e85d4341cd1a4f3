import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { replay } from '../../../src/app/replay/replay.ts';
import { replayOptions } from '../../../src/app/replay/replay-options.ts';
import type { Answer } from './replay-captures.ts';
import { readCaptures, replayTexts } from './replay-captures.ts';

const here = import.meta.dirname;
const captures = readCaptures(join(here, '../../recordings/captures'));
const plain = captures.filter(({ needs }) => needs === null);
const shared = readCaptures(join(here, '../../../../shared/captures')).filter(({ needs }) => needs === null);
const killed = plain.filter(({ truth }) => truth.length > 0);

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');
const capture = (name: string) => {
  const found = captures.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no recording ${name}`);
  return found;
};

describe('recordings', () => {
  test('are there, with and without kills', () => {
    expect(plain.length).toBeGreaterThan(30);
    expect(killed.length).toBeGreaterThan(20);
    expect(killed.length).toBeLessThan(plain.length);
  });

  test.each(plain)('$name gives the incidents of its truth', async ({ pods, events, truth }) => {
    const answer = await replayTexts([pods], [events]);

    expect(answer.incidents).toEqual(truth);
    expect(answer.lines.filter(({ suspect }) => suspect)).toEqual([]);
    expect([answer.exitCode, answer.stderr]).toEqual([0, '']);
  });

  test.each(captures.filter(({ needs }) => needs === 'eviction'))('$name: the eviction is an incident', async (one) => {
    const answer = await replayTexts([one.pods], [one.events]);

    expect(answer.incidents).toEqual(one.truth);
  });

  test.each([
    ['liveness-137', ['liveness-probe', 'liveness-probe']],
    ['delete-137', ['deleted']],
    ['rollout', ['deleted', 'deleted']],
    ['evict', ['evicted']],
    ['tmpfs-then-evicted', ['invented-status']],
    ['node-oom-kubepods', ['sticky-reason']],
  ])('%s says why it ignores what looks like a kill', async (name, reasons) => {
    const { pods, events } = capture(name);

    const answer = await replayTexts([pods], [events]);

    expect(answer.lines.flatMap(({ ignored }) => ignored ?? [])).toEqual(reasons);
  });

  test('an application that returns 137 by itself is a suspect, no incident', async () => {
    const { pods, events } = capture('self-137');

    const answer = await replayTexts([pods], [events]);

    expect(answer.incidents).toEqual([]);
    expect(answer.lines).toMatchObject([{ suspect: true, kills: 2, workload: { kind: 'Pod', name: 'web' } }]);
  });

  test.skipIf(shared.length === 0).each(shared)('$name of the larger set beside the repository', async (one) => {
    const answer = await replayTexts([one.pods], [one.events]);

    expect(answer.incidents).toEqual(one.truth);
  });
});

describe('what must change nothing', () => {
  /** Without what a change of names and times is allowed to change. */
  const changing = new Set(['incident', 'firstKilledAt', 'lastKilledAt', 'at']);
  const essence = ({ lines }: Answer) =>
    lines.map((line) => Object.fromEntries(Object.entries(line).filter(([field]) => !changing.has(field))));

  const shift = (text: string, ms: number) =>
    text.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (time) => {
      const moved = new Date(Date.parse(time) + ms).toISOString();
      return time.includes('.') ? moved : moved.replace(/\.\d+/, '');
    });
  const halves = (text: string) => {
    const lines = linesOf(text);
    const middle = Math.ceil(lines.length / 2);
    return [lines.slice(0, middle), lines.slice(middle - 1)].map((half) => half.join('\n'));
  };
  const bare = (text: string) => linesOf(text).map((line) => JSON.stringify(Reflect.get(JSON.parse(line), 'line')));

  test.each([
    [
      'every line twice',
      (text: string) => [
        linesOf(text)
          .flatMap((line) => [line, line])
          .join('\n'),
      ],
    ],
    ['the whole twice', (text: string) => [text + text]],
    ['cut into two files that overlap', halves],
    ['the pieces in the wrong order', (text: string) => [halves(text).toReversed().join('\n')]],
    ['shifted by a year', (text: string) => [shift(text, 365 * 86_400_000)]],
    ['shifted into the past', (text: string) => [shift(text, -86_400_000)]],
    ['without the envelope', (text: string) => [bare(text).join('\n')]],
    ['with carriage returns and empty lines', (text: string) => [text.replaceAll('\n', '\r\n\n')]],
  ])('%s', async (_, change) => {
    for (const { name, pods, events } of captures) {
      const expected = await replayTexts([pods], [events]);

      const answer = await replayTexts(change(pods), change(events));

      expect({ name, found: essence(answer) }).toEqual({ name, found: essence(expected) });
    }
  });

  test('renamed objects', async () => {
    const rename = (text: string) =>
      text
        .replaceAll(/"(web|shop|nightly|report|api|jvm|duo|batch)([-"])/g, '"other-$1$2')
        .replaceAll('"cap-', '"team-');
    for (const { name, pods, events } of captures) {
      const expected = await replayTexts([pods], [events]);

      const answer = await replayTexts([rename(pods)], [rename(events)]);

      const kinds = ({ lines }: Answer) =>
        lines.map(({ workload, kind, kills, ignored }) => [workload.kind, kind, kills, ignored]);
      expect({ name, found: kinds(answer) }).toEqual({ name, found: kinds(expected) });
    }
  });

  test('no Events: kills are the same, only explanations are missing', async () => {
    for (const { name, pods, truth } of plain) {
      const answer = await replayTexts([pods], []);

      expect({ name, incidents: answer.incidents }).toEqual({ name, incidents: truth });
    }
  });

  test.each([-5_000, 5_000, 60_000])('Events that come %i ms later than they did', async (ms) => {
    for (const { name, pods, events } of plain) {
      const late = events.replaceAll(/^\{"at":"([^"]+)"/gm, (_, at: string) => shift(`{"at":"${at}"`, ms));
      const expected = await replayTexts([pods], [events]);

      const answer = await replayTexts([pods], [late]);

      expect({ name, found: essence(answer) }).toEqual({ name, found: essence(expected) });
    }
  });

  test('all recordings at once', async () => {
    const answer = await replayTexts(
      plain.map(({ pods }) => pods),
      plain.map(({ events }) => events),
    );

    expect(answer.incidents).toEqual(plain.flatMap(({ truth }) => truth).toSorted());
  });

  test('standard input in chunks of any size', async () => {
    const { pods, events, truth } = capture('rollout');
    const bytes = Buffer.from(pods);
    async function* chunks() {
      for (let from = 0; from < bytes.length; from += 999) yield bytes.subarray(from, from + 999);
      await Promise.resolve();
    }

    const answer = await replayTexts(['-'], [events], chunks());

    expect(answer.incidents).toEqual(truth);
  });
});

describe('one line of JSON', () => {
  test('has every field', async () => {
    const { pods, events } = capture('resize-crashloop');

    const answer = await replayTexts([pods], [events]);

    const fields =
      'incident workload pod podUid container containerType kind suspect exitCode reason kills firstKilledAt ' +
      'lastKilledAt limitBytes requestBytes node qosClass startedBeforeWatch';
    expect(Object.keys(answer.lines[0] ?? {}).toSorted()).toEqual(fields.split(' ').toSorted());
    expect(answer.lines[0]).toMatchObject({
      incident: expect.stringMatching(/^INC-[0-9A-Z]{4}$/),
      workload: { kind: 'Pod', namespace: 'cap-resize-crashloop', name: 'jvm' },
      firstKilledAt: '2026-11-24T06:52:30Z',
      lastKilledAt: '2026-11-24T06:52:47Z',
      qosClass: 'Burstable',
      startedBeforeWatch: false,
    });
  });

  test('a kill that the first list already shows started before the watch', async () => {
    const lines = linesOf(capture('oom-restart').pods);
    const later = lines.slice(lines.findIndex((line) => line.includes('"OOMKilled"')) + 1);
    const listed = later.join('\n').replace('"MODIFIED"', '"ADDED"');

    const answer = await replayTexts([listed], []);

    expect(answer.lines).toMatchObject([{ kills: 3, startedBeforeWatch: true }]);
  });

  test('a kill after the quiet rule closed the incident opens the next', async () => {
    const { pods } = capture('oom-never');
    const again = pods
      .replaceAll('2026-11-24T', '2026-11-26T')
      .replaceAll(/containerd:\/\/[0-9a-f]/g, 'containerd://x');

    const answer = await replayTexts([pods, again], []);

    expect(answer.lines.map(({ kills }) => kills)).toEqual([1, 1]);
    expect(new Set(answer.lines.map(({ incident }) => incident)).size).toBe(2);
  });
});

describe('bad input', () => {
  const { pods, events, truth } = capture('oom-restart');

  test('malformed lines are named and skipped, and the exit code says so', async () => {
    const bad = ['not json', '{"at":"2026-11-24T07:00:00Z"}', '[]', '{"type":"ADDED"}', pods.slice(0, 300)].join('\n');

    const answer = await replayTexts([`${bad}\n${pods}`], [events]);

    expect(answer.incidents).toEqual(truth);
    expect(answer.exitCode).toBe(3);
    expect(answer.stderr).toMatch(/pods-0\.ndjson:1: malformed.*\n.*:2: malformed.*\n.*:3: .*\n.*:4: .*\n.*:5: /);
    expect(answer.stderr).toContain('5 malformed lines skipped.');
  });

  test('a file of which no line can be read is called what it is, once', async () => {
    const page = ['# A page', '', 'It has', '- lines', '- and none is JSON'].join('\n');

    const answer = await replayTexts([page, pods], [events]);

    expect([answer.incidents, answer.exitCode]).toEqual([truth, 3]);
    expect(answer.stderr.match(/malformed line skipped/g)).toBeNull();
    expect(answer.stderr).toMatch(
      /^\S+pods-0\.ndjson is not a recording: 4 lines, and none can be read \(line 1: .*kubectl get pods/,
    );
    expect(answer.stderr).toContain('4 malformed lines skipped.');
  });

  test('a pod without status, strange objects and bookmarks are no reason to stop', async () => {
    const odd = [
      { type: 'ADDED', object: { kind: 'Pod', metadata: { name: 'x' } } },
      { type: 'ADDED', object: { kind: 'Pod' } },
      { type: 'ADDED', object: { kind: 'Node', metadata: { name: 'n' } } },
      { type: 'BOOKMARK', object: { kind: 'Pod', metadata: { resourceVersion: '1' } } },
      { type: 'ERROR', object: { kind: 'Status', code: 410 } },
      { type: 'MODIFIED', object: { kind: 'Pod', metadata: { name: 'y', annotations: { big: 'x'.repeat(1 << 20) } } } },
    ];

    const answer = await replayTexts([`${odd.map((one) => JSON.stringify(one)).join('\n')}\n${pods}`], [events]);

    expect([answer.exitCode, answer.incidents]).toEqual([0, truth]);
  });

  test.each([
    [[], /needs --pods/],
    [['--pods', '-', '--events', '-'], /standard input/],
    [['--pods', 'x', '--nonsense'], /nonsense/],
  ])('arguments %j are refused with a sentence', (argv, words) => {
    expect(() => replayOptions(argv)).toThrow(words);
  });

  test('a file that is not there is named', async () => {
    const sink = { write: () => true };
    const io = { stdin: process.stdin, stdout: sink, stderr: sink };

    const answer = replay(replayOptions(['--pods', join(here, 'missing.ndjson')]), io);

    await expect(answer).rejects.toMatchObject({ code: 'unreadable-file', message: /Cannot read .*missing/ });
  });
});

test('people get aligned lines and a sentence', async () => {
  const { name } = capture('rollout');
  const files = ['pods', 'events'].flatMap((kind) => [
    `--${kind}`,
    join(here, `../../recordings/captures/${name}/${kind}.ndjson`),
  ]);
  let said = '';

  const exitCode = await replay(replayOptions([...files, '--ignored']), {
    stdin: process.stdin,
    stdout: { write: (text: string) => (said += text) },
    stderr: { write: (text: string) => (said += text) },
  });

  expect(exitCode).toBe(0);
  expect(said).toMatch(
    /^INC-\w{4} {2}container {2}cap-rollout\/Deployment\/shop app {2}5 kills .* limit 64Mi {2}OOMKilled 137$/m,
  );
  expect(said.match(/^ignored: deleted {2}cap-rollout\/Deployment\/shop app/gm)).toHaveLength(2);
  expect(said).toMatch(/\n\n1 incident, 5 kills in \d+ lines\.\n\nNo watch event shows .*--metrics FILE .*\n$/);
});
