import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { formatted } from '../../scripts/formatted.ts';
import { scenarioJsonSchema, type Scenario } from '../../sandbox/scenario/scenario.ts';
import { loadScenarios, readFolder, readScenario } from '../../sandbox/scenario/scenario-files.ts';
import { scenarioLengthMs, speedOf } from '../../sandbox/scenario/scenario-length.ts';
import { causes } from '../../src/core/diagnose/diagnosis.ts';

const directory = join(import.meta.dirname, '../../sandbox/scenarios');
const mebi = 2 ** 20;
const minimal = `
name: one
expect: { threads: 1 }
workload: { kind: Pod, name: web, namespace: shop, limit: 64Mi }
program: [{ at: 0s, bytes: 10Mi }]
`;

/** The minimal scenario with other lines in the place of some of its own. */
function written(lines: Readonly<Record<string, string>>): Scenario {
  const own = minimal.split('\n').filter((line) => !Object.keys(lines).some((key) => line.startsWith(`${key}:`)));
  return readScenario(
    'one.yaml',
    [...own, ...Object.entries(lines).map(([key, text]) => `${key}: ${text}`)].join('\n'),
  );
}

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scenarios-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('the published schema says what the loader reads; with -u it is written anew', async () => {
  const path = join(directory, 'schema.json');

  await expect(await formatted(path, JSON.stringify(scenarioJsonSchema()))).toMatchFileSnapshot(path);
});

test.each(causes)('a scenario can expect the verdict %s', (cause) => {
  expect(written({ expect: `{ threads: 1, verdict: ${cause} }` }).expect.verdict).toBe(cause);
});

test('durations and sizes become ms and bytes, and what is left out gets its default', () => {
  const scenario = written({ people: '[{ at: 1h30m, user: approver, do: click, what: apply }]' });

  expect(scenario.workload).toMatchObject({ limit: 64 * mebi, container: 'app', replicas: 1, runtime: 'plain' });
  expect(scenario.program).toEqual([{ at: 0, bytes: 10 * mebi, revision: 1 }]);
  expect(scenario.people[0]?.at).toBe(5_400_000);
  expect(scenario.expect).toEqual({ verdict: null, threads: 1, kills: 1, fix: null, verified: null });
});

test.each([
  ['a bad size', minimal.replace('10Mi', '10Megs'), 'one.yaml: program.0.bytes: "10Megs" is no quantity'],
  ['a bad duration', minimal.replace('0s', 'soon'), 'one.yaml: program.0.at:'],
  ['an unknown key', `${minimal}programme: []`, 'one.yaml: (file): Unrecognized key: "programme"'],
  ['nobody', `${minimal}people: [{ at: 1s, user: '', do: click, what: x }]`, 'people.0.user'],
  ['an unknown verb', `${minimal}people: [{ at: 1s, user: other, do: shout, what: x }]`, 'people.0.do'],
  ['an unknown event', `${minimal}events: [{ at: 1s, do: explode }]`, 'events.0.do'],
  ['an unknown probe', minimal.replace('limit: 64Mi', 'probe: { readiness: true }'), 'workload.probe'],
  ['a policy that says where', `${minimal}policy: { approvals: [{ who: [approver], namespaces: [shop] }] }`, 'policy'],
  ['a policy for nobody', `${minimal}policy: { approvals: [{ who: [] }] }`, 'policy.approvals.0.who'],
  ['a source that is no YAML file', minimal.replace('limit: 64Mi', 'source: apps/web'), 'workload.source'],
  ['more workloads than a cluster can bear', minimal.replace('limit: 64Mi', 'count: 500'), 'workload.count'],
  ['a storm of one', minimal.replace('threads: 1', 'threads: 1, storm: { size: 1 }'), 'expect.storm.size'],
  ['an unknown meter', `${minimal}metrics: statsd`, 'metrics'],
  ['no YAML', 'name: [', 'one.yaml: '],
])('%s is refused with the file and the place', (_, text, message) => {
  expect(() => readScenario('one.yaml', text)).toThrow(message);
});

describe('what people write and mean is understood:', () => {
  const workload = (fields: string): Scenario['workload'] =>
    written({ workload: `{ kind: Pod, name: web, namespace: shop, ${fields} }` }).workload;

  test.each<[string, string, Partial<Scenario['workload']>]>([
    ['null where nothing is set', 'limit: null, request: null, env: null, volumes: null', { env: {}, volumes: [] }],
    ['env as a list', 'env: [{ name: A, value: 1 }, { name: B, value: null }]', { env: { A: '1', B: '' } }],
    ['numbers and booleans in env', 'env: { A: 1, B: true }', { env: { A: '1', B: 'true' } }],
    ['another word for a runtime', 'runtime: JVM', { runtime: 'java' }],
    ['a runtime that cannot be imitated', 'runtime: ruby', { runtime: 'plain' }],
    ['bytes with a B', 'limit: 96MiB', { limit: 96 * mebi }],
    ['a probe that is just there', 'probe: true', { probe: 'liveness' }],
    [
      'a probe as in a manifest',
      'probe: { livenessProbe: { periodSeconds: 5, failureThreshold: 2 } }',
      { probe: { period: 5000, failures: 2 } },
    ],
    [
      'a volume as in a manifest',
      'volumes: [{ name: cache, mountPath: /c, emptyDir: { medium: Memory, sizeLimit: 64Mi } }]',
      { volumes: [{ name: 'cache', mountPath: '/c', medium: 'Memory', sizeLimit: 64 * mebi }] },
    ],
    ['an owner as an object', 'owner: { kind: Helm }', { owner: 'Helm' }],
  ])('%s', (_, fields, expected) => {
    expect(workload(fields)).toMatchObject(expected);
  });

  test.each([
    ['child-killed', 'kill-child'],
    ['SystemOOM', 'system-oom'],
    ['node-pressure', 'memory-pressure'],
    ['evict', 'evict'],
  ])('what happens, called %s', (word, expected) => {
    expect(written({ events: `[{ at: 1s, do: ${word} }]` }).events[0]?.do).toBe(expected);
  });

  test('no thread, in nulls', () => {
    const { expect: expected } = written({
      expect: '{ verdict: null, threads: 0, kills: null, fix: null, verified: null }',
    });

    expect(expected).toEqual({ verdict: null, threads: 0, kills: 0, fix: null, verified: null });
  });

  test.each([
    ['a number in each point', '[{ at: 0s, bytes: 1Mi }, { at: 0s, bytes: 2Mi, revision: 2 }]'],
    ['an object of lists', '{ 1: [{ at: 0s, bytes: 1Mi }], 2: [{ at: 0s, bytes: 2Mi }] }'],
    ['a list of lists', '[[{ at: 0s, bytes: 1Mi }], [{ at: 0s, bytes: 2Mi }]]'],
    [
      'a list of programs',
      '[{ program: [{ at: 0s, bytes: 1Mi }] }, { revision: 2, points: [{ at: 0s, bytes: 2Mi }] }]',
    ],
  ])('a program by revision: %s', (_, program) => {
    expect(written({ program }).program).toEqual([
      { at: 0, bytes: mebi, revision: 1 },
      { at: 0, bytes: 2 * mebi, revision: 2 },
    ]);
  });
});

describe('a folder', () => {
  test('without a scenario, or that is not there, is refused', async () => {
    await expect(readFolder(folder)).rejects.toThrow('no scenario');
    await expect(readFolder(join(folder, 'nowhere'))).rejects.toThrow('cannot be read');
  });

  test('with a file that is no scenario keeps the others, and two of one name are two', async () => {
    await writeFile(join(folder, 'a.yaml'), minimal);
    await writeFile(join(folder, 'b.yml'), minimal);
    await writeFile(join(folder, 'c.yaml'), 'name: Not A Name');

    const { scenarios, unreadable } = await readFolder(folder);

    expect(scenarios.map(({ name }) => name)).toEqual(['one', 'one']);
    expect(unreadable).toEqual([{ name: 'c', problems: expect.arrayContaining([expect.stringMatching(/c\.yaml: /)]) }]);
    await expect(loadScenarios(folder)).rejects.toThrow('c.yaml');
  });
});

test.each([1, 2, 3])('what a person types and what must come of it grow together with seed %d', async (seed) => {
  const scenarios = await loadScenarios(directory, seed);
  const edited = scenarios.find(({ name }) => name === 'edited-value');
  const heap = scenarios.find(({ name }) => name === 'jvm-heap-flag');

  const typed = edited?.people.find((step) => step.do === 'submit')?.what;
  const flag = Number(/-Xmx(\d+)m/.exec(heap?.workload.env['JAVA_TOOL_OPTIONS'] ?? '')?.[1]);

  expect(typed).toBe(`limit=${(edited?.expect.limit ?? 0) / mebi}Mi`);
  expect(edited?.expect.limit).not.toBe(448 * mebi);
  expect(flag / ((heap?.workload.limit ?? 0) / mebi)).toBeCloseTo(1200 / 512, 1);
});

test('a seed changes names, sizes, times and order, and the same seed changes them the same way', async () => {
  const [asWritten, zero, first, again, other] = await Promise.all([
    loadScenarios(directory),
    loadScenarios(directory, 0),
    loadScenarios(directory, 1),
    loadScenarios(directory, 1),
    loadScenarios(directory, 2),
  ]);

  const namesOf = (scenarios: readonly Scenario[]): string[] => scenarios.map(({ name }) => name);
  expect(zero).toEqual(asWritten);
  expect(first).toEqual(again);
  expect(first).not.toEqual(other);
  expect(namesOf(first)).not.toEqual(namesOf(asWritten));
  expect(namesOf(first).toSorted()).toEqual(namesOf(asWritten).toSorted());
  expect(new Set(first.map(({ workload }) => workload.name)).size).toBe(asWritten.length);
});

describe('how fast a story runs', () => {
  const leak = '[{ at: 0s, bytes: 10Mi }, { at: 8h, bytes: 118Mi }, { at: 80h, bytes: 1Gi }]';

  test('its length is that of its kills, each at the limit, with the back-offs between them', () => {
    const once = written({ program: leak });
    const often = written({ program: leak, expect: '{ threads: 1, kills: 4 }' });

    expect(scenarioLengthMs(once) / 3_600_000).toBeCloseTo(4, 3);
    expect(scenarioLengthMs(often) / 3_600_000).toBeCloseTo(16 + 30 / 3600, 3);
  });

  test('kills that do not come from its program make it no longer than its last event', () => {
    const events = '[{ at: 2m, do: kill-child }, { at: 5m, do: evict }, { at: 6m, do: evict, resource: disk }]';

    expect(scenarioLengthMs(written({ events, expect: '{ threads: 1, kills: 2 }' }))).toBe(6 * 60_000);
  });

  test('one runs at the usual speed, a long one as fast and a short one as slowly as it must', () => {
    const usual = written({ program: '[{ at: 0s, bytes: 10Mi }, { at: 30m, bytes: 160Mi }]' });
    const long = written({ program: leak });
    const short = written({ program: '[{ at: 0s, bytes: 10Mi }, { at: 1m, bytes: 160Mi }]' });

    expect([speedOf(usual, 60), speedOf(written({}), 60)]).toEqual([60, 60]);
    expect(scenarioLengthMs(long) / speedOf(long, 60)).toBeLessThanOrEqual(30_000);
    expect(scenarioLengthMs(short) / speedOf(short, 60)).toBeGreaterThan(5_000);
  });
});
