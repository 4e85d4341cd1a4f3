import { array, assert, integer, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAlerts } from '../../src/adapters/alertmanager/webhook.ts';
import { environmentOf, commandOf, specFacts } from '../../src/adapters/kubernetes/read/read-spec.ts';
import { rolloutFacts } from '../../src/adapters/kubernetes/read/rollout/read-rollout.ts';
import { targetOf } from '../../src/adapters/kubernetes/read/workload-objects.ts';
import { parsePolicy } from '../../src/app/config/policy-file.ts';
import { createDetector } from '../../src/core/kill/detect/detector.ts';
import { parseSource } from '../../src/core/remediate/source.ts';
import { bounded, cut, textBounds } from '../../src/core/units/text-bounds.ts';

const long = `\ud83d${'x<!channel>'.repeat(2_000)}`;
const half = 'cut\ud83din two';

/** A pod that was killed, in which every text is `words`. */
function podOf(words: string): Record<string, unknown> {
  const terminated = {
    containerID: words,
    exitCode: 137,
    reason: 'OOMKilled',
    message: words,
    startedAt: '2026-11-24T06:10:00Z',
    finishedAt: '2026-11-24T06:10:03Z',
  };
  const container = { name: words, image: words, env: [{ name: words, value: words }], args: [words] };
  return {
    kind: 'Pod',
    metadata: {
      name: words,
      namespace: words,
      uid: words,
      resourceVersion: '1',
      creationTimestamp: words,
      generateName: words,
      labels: Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`${words}${index}`, words])),
      ownerReferences: [{ controller: true, kind: words, name: words, uid: words }],
    },
    spec: { nodeName: words, containers: [container] },
    status: {
      phase: 'Failed',
      reason: 'Evicted',
      message: `The node was low on resource: memory. ${words}`,
      qosClass: words,
      containerStatuses: [{ name: words, image: words, restartCount: 1, state: { terminated }, lastState: {} }],
    },
  };
}

/** Every text in a value, names of fields too. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...textsIn(inner)]);
}

/** Texts with half of a surrogate pair, which neither a URL nor a query can hold, and the size if it is too large. */
function unusable(value: unknown, most: number): readonly string[] {
  const size = JSON.stringify(value).length;
  return [...textsIn(value).filter((text) => !text.isWellFormed()), ...(size < most ? [] : [`${size} characters`])];
}

describe('a text that is cut', () => {
  test('is no longer than it may be, begins as it did, and has no half of a surrogate pair', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 40 }), integer({ min: 1, max: 40 }), (text, most) => {
        const short = cut(text, most);
        expect(short.length).toBeLessThanOrEqual(most);
        expect(short.isWellFormed()).toBe(true);
        expect(text.length <= most ? short === text : text.startsWith(short.slice(0, -1))).toBe(true);
      }),
    );
  });

  test('keeps a pair whole or leaves it out', () => {
    expect(['a😀b', 'ab😀', '😀😀'].map((text) => cut(text, 3))).toEqual(['a…', 'ab…', '😀…']);
    expect(cut(half, 20)).toBe('cut\ufffdin two');
  });
});

describe('what becomes a kill', () => {
  test.each([
    ['very long texts', long],
    ['half of a surrogate pair', half],
  ])('is bounded and can be stored and asked for: %s', (_, words) => {
    const detector = createDetector({ cluster: 'test' });

    const found = detector.pod('MODIFIED', podOf(words), { atMs: Date.UTC(2026, 10, 24, 6, 10, 4) });

    expect(found.map(({ is, kill }) => [is, kill.kind])).toEqual([
      ['kill', 'container'],
      ['kill', 'eviction'],
    ]);
    expect(found.flatMap(({ kill }) => unusable(kill, 64_000))).toEqual([]);
  });

  test('of a node is too', () => {
    const detector = createDetector({ cluster: 'test' });
    const event = {
      involvedObject: { kind: 'Node', name: half },
      reason: 'OOMKilling',
      message: `global_oom Killed process 1 (${half}) total-vm:1kB, anon-rss:1kB ${long}`,
      lastTimestamp: '2026-11-24T06:10:00Z',
    };

    const [found] = detector.event('ADDED', event, { atMs: Date.UTC(2026, 10, 24, 6, 10, 4) });

    expect(found?.kill.victim?.process).toBe('cut\ufffdin two');
    expect(unusable(found?.kill, 4_000)).toEqual([]);
  });
});

describe('what the cluster says of it', () => {
  test('a value that is too long counts as one that is not seen, so that no part of it is ever written back', () => {
    const env = environmentOf({
      env: [
        { name: 'JAVA_TOOL_OPTIONS', value: `-Xmx1g ${'x'.repeat(textBounds.envValue)}` },
        { name: 'JAVA_OPTS', value: `-Xmx2g ${half}` },
      ],
    });

    expect(env).toEqual({
      env: { JAVA_OPTS: '-Xmx2g cut\ufffdin two' },
      hiddenEnv: ['JAVA_TOOL_OPTIONS'],
      envFrom: false,
    });
  });

  test('a command line ends where it becomes a book', () => {
    const words = commandOf({ command: ['java'], args: Array.from({ length: 100 }, () => 'y'.repeat(10_000)) });

    expect(words.join('').length).toBeLessThanOrEqual(textBounds.command);
    expect(words[0]).toBe('java');
  });

  test('specs, targets and rollouts are bounded', () => {
    const detector = createDetector({ cluster: 'test' });
    const [found] = detector.pod('MODIFIED', podOf(half), { atMs: Date.UTC(2026, 10, 24, 6, 10, 4) });
    if (found === undefined) throw new Error('no kill');
    const set = (words: string): Record<string, unknown> => ({ spec: { template: { spec: podOf(words)['spec'] } } });

    expect(unusable(specFacts(podOf(half), found.kill), 64_000)).toEqual([]);
    expect(unusable(targetOf(podOf(long)), 4_000)).toEqual([]);
    expect(unusable(rolloutFacts(set(long), set(half), half), 64_000)).toEqual([]);
  });

  test('an annotation of 200 kB is no place of a file, and nothing of it is looked for', () => {
    const annotation = `:${'a'.repeat(200_000)}`;

    expect(parseSource(annotation)).toBeNull();
    expect(parseSource(bounded(`acme/deploy//${annotation}`, 'sourceText'))).toBeNull();
    expect(parseSource(`acme/deploy//apps/${half.replaceAll(' ', '')}.yaml`)).toBeNull();
  });
});

test('alerts keep what anybody needs of their texts', () => {
  const labels = { alertname: long, namespace: half, pod: long };
  const alert = { status: 'firing', labels, annotations: { summary: long }, startsAt: long, fingerprint: long };

  const read = readAlerts(JSON.stringify({ version: '4', alerts: [alert] }));

  expect(read?.alerts).toHaveLength(1);
  expect(unusable(read, 4_000)).toEqual([]);
});

test('a policy file that is far too long is refused by its size', () => {
  expect(() => parsePolicy(`approvals: []\n${'#'.repeat(textBounds.policyFile)}`, 'policy.yaml')).toThrow(
    'longer than 1 MiB',
  );
});

test('lines of a log are cut one by one', () => {
  const lines = array(string({ unit: 'binary', maxLength: 9_000 }), { maxLength: 3 });

  assert(
    property(lines, (all) => {
      for (const line of all) expect(bounded(line, 'logLine').length).toBeLessThanOrEqual(textBounds.logLine);
    }),
    { seed: 14, numRuns: 20 },
  );
});
