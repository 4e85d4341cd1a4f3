import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { fixWords, mitigationWords, shortFix } from '../../../../src/app/scan/advice-words.ts';
import { scanJson } from '../../../../src/app/scan/scan-json.ts';
import { scanText } from '../../../../src/app/scan/scan-text.ts';
import type { Fix, Recommendation } from '../../../../src/core/recommend/recommendation.ts';
import type { Kill } from '../../../../src/core/kill/kill.ts';
import type { UsageSource } from '../../../../src/flow/answer/question-needs.ts';
import type { Scan, ScanRow } from '../../../../src/flow/scan.ts';
import { fixSchema } from '../../../../src/core/recommend/recommendation.ts';
import { aKill, anExplanation, killedAt, Mi } from '../../../fixtures/incidents.ts';
import { rawCharacters, withoutBold } from '../command-line/raw-characters.ts';

const prometheus: UsageSource = { is: 'prometheus', url: 'http://p:9090', words: 'Prometheus at http://p:9090' };
const none: UsageSource = { is: 'none', why: 'no Prometheus was found', details: 'no Service looks like one' };
const look = { width: 100, now: killedAt + 5 * 60_000 };
/** Secrets of a customer's variables, which no output may have. */
const secret = 'hunter2-password';

const sized = { limitBytes: 640 * Mi, requestBytes: 640 * Mi, holds: 0.92, why: 'Demand is near 540Mi.' };
/** As it was stored before only the words were. */
const setHeap = fixSchema.parse({
  kind: 'set-heap',
  ...sized,
  heapBytes: 384 * Mi,
  env: [
    {
      name: 'JAVA_TOOL_OPTIONS',
      from: `-Xmx900m -Djavax.net.ssl.keyStorePassword=${secret}`,
      to: `-Xmx384m -Djavax.net.ssl.keyStorePassword=${secret}`,
    },
  ],
});

function row(changes: Partial<ScanRow> = {}, kill: Partial<Kill> = {}): ScanRow {
  const { diagnosis, recommendation } = anExplanation();
  return {
    kill: aKill(kill),
    kills: 2,
    firstKilledAt: killedAt - 60_000,
    lastKilledAt: killedAt,
    lastSample: null,
    missing: [],
    said: { is: 'explained', diagnosis, recommendation },
    ...changes,
  };
}

function recommending(recommendation: Recommendation): ScanRow {
  return row({ said: { is: 'explained', diagnosis: anExplanation().diagnosis, recommendation } });
}

function of(rows: readonly ScanRow[], changes: Partial<Scan> = {}): Scan {
  return { rows, pods: 7, notes: [], ...changes };
}

const plain = (...args: Parameters<typeof scanText>): string => stripVTControlCharacters(scanText(...args));

describe('for a person', () => {
  test('a table of all, then what is known of each, then what it rests on', () => {
    const undecided = row({ said: { is: 'undecided', why: 'nothing shows the memory it used' }, kills: 1 });

    expect(plain(of([row(), undecided]), prometheus, look).split('\n')).toEqual([
      'KILLS  LAST       LIMIT  VERDICT            FIX          WORKLOAD',
      '2      5 min ago  512Mi  limit-too-low 86%  limit 640Mi  shop/Deployment/checkout app',
      '1      5 min ago  512Mi  not decided        -            shop/Deployment/checkout app',
      '',
      'shop/Deployment/checkout app',
      '  2 kills, 2026-11-24 14:01:11 to 14:02:11 UTC; pod checkout-7d9f-abcde on node-1.',
      '  Why: Limit too low: steady at 505Mi under a limit of 512Mi.',
      '  Fix: Raise the limit to 640Mi, 92% likely to hold. Demand is near 540Mi.',
      '',
      'shop/Deployment/checkout app',
      '  1 kill, 2026-11-24 14:01:11 to 14:02:11 UTC; pod checkout-7d9f-abcde on node-1.',
      '  Not decided: an exit 137 that nothing explains, and nothing shows the memory it used.',
      '',
      '1 incident in 7 pods, 1 not decided. Nothing changed.',
      '',
      'Usage: Prometheus at http://p:9090.',
      '',
    ]);
  });

  test('a cluster without a kill says so, and where usage would have come from', () => {
    expect(plain(of([], { pods: 1 }), none, look)).toBe(
      'No memory kill is visible in 1 pod. Nothing changed.\n\n' +
        'Usage: none, because no Prometheus was found (no Service looks like one).\n',
    );
  });

  test('without usage that comes first, and what is not clear is not called a verdict', () => {
    const open = row({
      said: {
        is: 'explained',
        diagnosis: {
          ...anExplanation().diagnosis,
          hypotheses: [
            { cause: 'inconclusive', confidence: 0.6, sentence: 'Not clear yet: too few', for: [], against: [] },
          ],
        },
        recommendation: {
          fix: { kind: 'none', why: 'The evidence does not decide what ends it.' },
          mitigation: {
            kind: 'raise-limit',
            limitBytes: 768 * Mi,
            requestBytes: 768 * Mi,
            buysMs: null,
            why: 'Raise, then look.',
          },
        },
      },
    });

    expect(plain(of([open]), none, { ...look, width: Infinity }).split('\n')).toEqual([
      'Usage: none, because no Prometheus was found (no Service looks like one). All below rests on run times, exits, logs and specs alone. Set OOMKEEPER_PROMETHEUS_URL and scan again to know more.',
      '',
      'KILLS  LAST       LIMIT  VERDICT        FIX        WORKLOAD',
      '2      5 min ago  512Mi  not clear yet  try 768Mi  shop/Deployment/checkout app',
      '',
      'shop/Deployment/checkout app',
      '  2 kills, 2026-11-24 14:01:11 to 14:02:11 UTC; pod checkout-7d9f-abcde on node-1.',
      '  Why: Not clear yet: too few.',
      '  Fix: not known yet. The evidence does not decide what ends it.',
      '  To find out: Raise the limit to 768Mi. Raise, then look.',
      '',
      '1 incident in 7 pods, 1 with a cause that is not clear yet. Nothing changed.',
      '',
    ]);
  });

  test('an eviction has no container and no limit; restarts that show no kill any more are told', () => {
    const evicted = row(
      { kills: 1, firstKilledAt: killedAt },
      { kind: 'eviction', subject: { ...aKill().subject, container: null }, limitBytes: null },
    );
    const looping = row({}, { restartCount: 41, limitBytes: null, node: null });

    const text = plain(of([evicted, looping]), prometheus, look);

    expect(text).toMatch(/^1 +5 min ago +- .* shop\/Deployment\/checkout$/m);
    expect(text).toContain('1 eviction, 2026-11-24 14:02:11 UTC; pod checkout-7d9f-abcde on node-1.');
    expect(text).toMatch(/^2 +5 min ago +none /m);
    expect(text).toContain('14:02:11 UTC, 41 restarts; pod checkout-7d9f-abcde.\n');
  });

  test('evidence that is missing is told once, with the first reason, and only where some was to be had', () => {
    const missing = (reason: string): ScanRow['missing'] => [
      { what: 'log', reason },
      { what: 'rollout', reason: 'a Pod keeps no history that is read' },
      { what: 'usage', reason: 'no Prometheus was found' },
    ];
    const bare = { subject: { ...aKill().subject, workload: { kind: 'Pod', name: 'checkout' } } };
    const rows = [row({ missing: missing('403') }, bare), row({ missing: missing('404') }, bare)];

    const text = plain(of(rows, { notes: ['of the pods only 500 objects could be read'] }), none, look);

    expect(text).toMatch(/^Usage: none, because no Prometheus was found/);
    expect(text.split('\n\n').at(-1)?.split('\n')).toEqual([
      'Without the log of 2 of 2: 403 (and other reasons).',
      'Incomplete: of the pods only 500 objects could be read.',
      '',
    ]);
  });

  test.each([40, 80, 200])('no line is longer than a terminal of %i columns, nor than can be read', (width) => {
    const long = row({}, { subject: { ...aKill().subject, namespace: 'a-namespace-with-a-long-name' } });

    const lines = plain(of([long, row()], { notes: ['word '.repeat(60)] }), none, { ...look, width }).split('\n');

    const names = lines.filter((line) => line === 'a-namespace-with-a-long-name/Deployment/checkout app');
    expect(names).toHaveLength(1);
    expect(lines.filter((line) => !new Set<string>(names).has(line) && line.length > Math.min(width, 110))).toEqual([]);
  });

  test('in a file nothing is broken or cut', () => {
    const text = plain(of([row()], { notes: ['word '.repeat(60).trim()] }), none, { ...look, width: Infinity });

    expect(text).toContain(`Incomplete: ${'word '.repeat(60).trim()}.\n`);
  });
});

describe('hostile text', () => {
  const evil = `x\u001b[2J\u001b]0;owned\u0007\r\n\u009b31m\u202e`;
  const hostile = row(
    {
      missing: [{ what: 'log', reason: evil }],
      said: {
        is: 'explained',
        diagnosis: {
          hypotheses: [{ cause: 'leak', confidence: 0.9, sentence: evil, for: [], against: [] }],
          slopeBytesPerSecond: 1,
          nextKillAt: killedAt,
        },
        recommendation: {
          fix: { kind: 'move-volume', volume: evil, mountPath: evil, why: evil },
          mitigation: { kind: 'raise-limit', limitBytes: Mi, requestBytes: Mi, buysMs: 3_600_000, why: evil },
        },
      },
    },
    {
      pod: evil,
      node: evil,
      reason: evil,
      subject: { cluster: 'c', namespace: evil, workload: { kind: evil, name: evil }, container: evil },
    },
  );
  const found = of([hostile, row({ said: { is: 'undecided', why: evil } })], { notes: [evil] });

  test('reaches a terminal as visible characters only, and forms no line of its own', () => {
    const text = scanText(found, { ...none, why: evil }, look);
    const ours = withoutBold(text);

    expect(ours).not.toMatch(rawCharacters);
    expect(ours).toContain('x [2J ]0;owned 31m');
    expect(ours.split('\n').filter((line) => line.startsWith(' 31m'))).toEqual([]);
  });

  test('is escaped in JSON and reads back as it was', () => {
    const text = scanJson(found, { ...none, why: evil });
    const [first] = text.split('\n');

    expect(text).not.toMatch(rawCharacters);
    expect(JSON.parse(first ?? '')).toMatchObject({ pod: evil, workload: { namespace: evil }, sentence: evil });
  });
});

describe('--json', () => {
  test('one object a subject, then the summary', () => {
    const undecided = row({
      said: { is: 'undecided', why: 'nothing shows it' },
      missing: [{ what: 'log', reason: 'r' }],
    });

    const lines = scanJson(of([row(), undecided], { notes: ['n'] }), none)
      .trimEnd()
      .split('\n');

    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      {
        workload: { kind: 'Deployment', namespace: 'shop', name: 'checkout' },
        container: 'app',
        containerType: 'container',
        pod: 'checkout-7d9f-abcde',
        node: 'node-1',
        kind: 'container',
        suspect: false,
        exitCode: 137,
        reason: 'OOMKilled',
        kills: 2,
        restartCount: 1,
        firstKilledAt: '2026-11-24T14:01:11.000Z',
        lastKilledAt: '2026-11-24T14:02:11.000Z',
        limitBytes: 512 * Mi,
        requestBytes: 512 * Mi,
        lastSampleBytes: null,
        verdict: 'limit-too-low',
        confidence: 0.86,
        sentence: 'Limit too low: steady at 505Mi under a limit of 512Mi',
        fix: { kind: 'raise-limit', bytes: 640 * Mi, holds: 0.92, why: 'Demand is near 540Mi.' },
        mitigation: null,
        nextKillAt: null,
        missing: [],
      },
      expect.objectContaining({
        suspect: true,
        verdict: null,
        confidence: null,
        sentence: 'nothing shows it',
        fix: null,
        missing: [{ what: 'log', reason: 'r' }],
      }),
      {
        summary: true,
        pods: 7,
        incidents: 1,
        suspects: 1,
        usage: 'none, because no Prometheus was found (no Service looks like one)',
        notes: ['n'],
      },
    ]);
  });

  test('a leak has when it is killed next, and what buys time', () => {
    const leak = row({
      said: {
        is: 'explained',
        diagnosis: { ...anExplanation().diagnosis, nextKillAt: killedAt + 60_000 },
        recommendation: {
          fix: { kind: 'fix-leak', why: 'A higher limit only delays the next kill.' },
          mitigation: {
            kind: 'raise-limit',
            limitBytes: 1024 * Mi,
            requestBytes: 1024 * Mi,
            buysMs: 5_400_400,
            why: '',
          },
        },
      },
    });

    const [line = ''] = scanJson(of([leak]), prometheus).split('\n');

    expect(JSON.parse(line)).toMatchObject({
      fix: { kind: 'fix-leak', bytes: null, holds: null },
      mitigation: { kind: 'raise-limit', bytes: 1024 * Mi, buysSeconds: 5_400 },
      nextKillAt: '2026-11-24T14:03:11.000Z',
    });
  });
});

test('the value of a variable is never shown: only the words that change', () => {
  const rows = [recommending({ fix: setHeap, mitigation: null })];

  const text = plain(of(rows), prometheus, look);
  const json = scanJson(of(rows), prometheus);

  expect(text + json).not.toContain(secret);
  expect(text).toContain('Fix: Limit 640Mi and JAVA_TOOL_OPTIONS: -Xmx900m -> -Xmx384m, 92% likely to hold.');
  expect(JSON.parse(json.split('\n')[0] ?? '')).toMatchObject({
    fix: { kind: 'set-heap', bytes: 640 * Mi, env: ['JAVA_TOOL_OPTIONS: -Xmx900m -> -Xmx384m'] },
  });
});

test.each<[Fix, string, string]>([
  [
    { kind: 'raise-limit', ...sized },
    'limit 640Mi',
    'Raise the limit to 640Mi, 92% likely to hold. Demand is near 540Mi.',
  ],
  [
    fixSchema.parse({ ...setHeap, env: [] }),
    'limit 640Mi + heap',
    'Limit 640Mi, 92% likely to hold. Demand is near 540Mi.',
  ],
  [{ kind: 'roll-back', toRevision: '3', why: 'It lived.' }, 'roll back', 'Roll back to revision 3. It lived.'],
  [{ kind: 'roll-back', toRevision: null, why: '' }, 'roll back', 'Roll back to the revision before.'],
  [
    { kind: 'move-volume', volume: 'tmp', mountPath: '/tmp', why: 'It is full.' },
    'move volume',
    'Move the volume tmp (/tmp) off memory. It is full.',
  ],
  [
    { kind: 'adjust-requests', requestBytes: 300 * Mi, why: 'It uses that.' },
    'request 300Mi',
    'Raise the request to 300Mi. It uses that.',
  ],
  [{ kind: 'fix-leak', why: 'It grows.' }, 'fix the leak', 'Fix the leak. It grows.'],
  [
    { kind: 'add-node-memory', why: 'It is full.' },
    'node memory',
    'Give the node more memory, or fewer pods. It is full.',
  ],
  [{ kind: 'none', why: 'Its limit is not known.' }, 'none', 'Nothing to change. Its limit is not known.'],
])('%j in a few words and as sentences', (fix, short, words) => {
  expect(shortFix(fix)).toBe(short);
  expect(fixWords(fix)).toBe(words);
});

test.each([
  [6 * 3_600_000, 'Raise the limit to 640Mi, which buys about 6 h. Until morning.'],
  [null, 'Raise the limit to 640Mi. Until morning.'],
])('what buys time says how much, where that is known (%s)', (buysMs, words) => {
  const mitigation = {
    kind: 'raise-limit',
    limitBytes: 640 * Mi,
    requestBytes: 640 * Mi,
    why: 'Until morning.',
  } as const;

  expect(mitigationWords({ ...mitigation, buysMs })).toBe(words);
});
