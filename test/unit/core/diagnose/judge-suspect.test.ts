import { expect, test } from 'vitest';
import { judgeSuspect } from '../../../../src/core/diagnose/judge-suspect.ts';
import type { Findings, UsageRun } from '../../../../src/core/evidence/evidence.ts';
import { aKill, killedAt, Mi } from '../../../fixtures/incidents.ts';

const suspect = aKill({ suspect: true, reason: 'Error' });
const limit = 512 * Mi;
const missing = { found: false, reason: 'Prometheus cannot be reached', source: 'a test', at: killedAt } as const;

/** `samples`: seconds before the end of the run, and share of the limit. */
function aRun(samples: readonly (readonly [number, number])[], changes: Partial<UsageRun> = {}): UsageRun {
  return {
    pod: suspect.pod,
    containerId: suspect.containerId,
    revision: null,
    startedAt: Date.parse(suspect.startedAt ?? ''),
    killedAt: null,
    limitBytes: limit,
    samples: samples.map(([before, share]) => ({ t: killedAt - before * 1000, workingSetBytes: share * limit })),
    ...changes,
  };
}

function found(runs: readonly UsageRun[], log: readonly string[] | null = null): Findings {
  const source = { source: 'a test', at: killedAt };
  return {
    spec: missing,
    restarts: missing,
    rollout: missing,
    usage: { found: true, value: { runs, siblings: [], resolutionMs: 15_000 }, ...source },
    log: log === null ? missing : { found: true, value: { lines: log }, ...source },
  };
}

const words = ['worker 3 died', 'fork: Cannot allocate memory'];
/** Usage is at the limit; `own` is the share of it that is no page cache. */
function cached(own: number): UsageRun {
  const samples = [{ t: killedAt - 5000, workingSetBytes: own * limit, usageBytes: 0.99 * limit }];
  return aRun([], { samples });
}

const table: readonly [string, Findings, 'kill' | 'undecided'][] = [
  [
    'at its limit: a kill',
    found([
      aRun([
        [20, 0.5],
        [5, 0.97],
      ]),
    ]),
    'kill',
  ],
  ['at nine tenths: a kill', found([aRun([[5, 0.9]])]), 'kill'],
  ['below: undecided', found([aRun([[5, 0.89]])]), 'undecided'],
  [
    'what counts is the last sample, not the peak',
    found([
      aRun([
        [60, 0.98],
        [5, 0.3],
      ]),
    ]),
    'undecided',
  ],
  ['page cache counts beside a large working set, the kernel charges it', found([cached(0.85)]), 'kill'],
  ['a limit full of page cache alone is healthy and decides nothing', found([cached(0.4)]), 'undecided'],
  ['words about memory in its log decide earlier', found([aRun([[5, 0.7]])], words), 'kill'],
  ['words without usage decide nothing', found([], words), 'undecided'],
  ['words at a low usage decide nothing', found([aRun([[5, 0.5]])], words), 'undecided'],
  ['other words decide nothing', found([aRun([[5, 0.7]])], ['listening on 8080']), 'undecided'],
  [
    'a sample of the next run is none of it',
    found([
      aRun([
        [5, 0.3],
        [-20, 0.99],
      ]),
    ]),
    'undecided',
  ],
  ['a sample within the second of its end counts', found([aRun([[-0.9, 0.95]])]), 'kill'],
  ['no run is known: undecided', found([]), 'undecided'],
  ['a run without a sample: undecided', found([aRun([])]), 'undecided'],
  ['no usage at all: undecided', { ...found([]), usage: missing }, 'undecided'],
];

test.each(table)('%s', (_, findings, expected) => {
  expect(judgeSuspect(suspect, findings).is).toBe(expected);
});

test('without a limit there is nothing that it could have hit', () => {
  const unlimited = { ...suspect, limitBytes: null, limitInForceBytes: null };

  expect(judgeSuspect(unlimited, found([aRun([[5, 0.99]])]))).toMatchObject({
    is: 'undecided',
    why: expect.stringContaining('no memory limit'),
  });
});

test('the limit that was in force decides, not the one that the pod asks for', () => {
  const resized = { ...suspect, limitBytes: 2 * limit, limitInForceBytes: limit };

  expect(judgeSuspect(resized, found([aRun([[5, 0.95]])])).is).toBe('kill');
});

test('where nobody says when it ended, it is when the watcher saw it', () => {
  const timeless = { ...suspect, finishedAt: null };

  expect(
    judgeSuspect(
      timeless,
      found([
        aRun([
          [1, 0.95],
          [-10, 0.2],
        ]),
      ]),
    ).is,
  ).toBe('kill');
});

test('the reason says what was seen, or why nothing was', () => {
  expect(judgeSuspect(suspect, found([aRun([[5, 0.5]])])).why).toContain('last sample 256Mi of 512Mi');
  expect(judgeSuspect(suspect, { ...found([]), usage: missing }).why).toContain('Prometheus cannot be reached');
});

test('where the kernel killed for the node and does not say whom, the reason says so', () => {
  const value = { node: 'node-1', at: killedAt, outOf: 'machine', victim: null, isNamed: false } as const;
  const nodeOom = { found: true, value, source: 'a test', at: killedAt } as const;

  expect(judgeSuspect(suspect, { ...found([aRun([[5, 0.5]])]), nodeOom })).toEqual({
    is: 'undecided',
    unread: false,
    why: 'the kernel killed for all of node-1 at that moment and does not say whom; last sample 256Mi of 512Mi: not at its limit, so something else may have sent the SIGKILL',
  });
});

const earlier = aRun([[4000, 0.99]], { containerId: 'containerd://a0', startedAt: killedAt - 7_200_000 });
const calm: UsageRun = { ...earlier, samples: [{ t: killedAt - 4_000_000, workingSetBytes: 0.3 * limit }] };
const elsewhere = aRun([[5, 0.99]], { pod: 'checkout-7d9f-other', containerId: 'containerd://b1' });

const otherRuns: readonly [string, Findings, 'kill' | 'undecided'][] = [
  ['an earlier run at its limit says nothing of this one', found([earlier]), 'undecided'],
  ['a run of another pod says nothing of this one', found([elsewhere]), 'undecided'],
  ['the order of the runs does not matter', found([aRun([[5, 0.97]]), calm]), 'kill'],
];

test.each(otherRuns)('%s', (_, findings, expected) => {
  expect(judgeSuspect(suspect, findings).is).toBe(expected);
});

const gaveUp = aKill({ suspect: true, kind: 'self', reason: 'Error', exitCode: 134 });

test.each([
  'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
  'Terminating due to java.lang.OutOfMemoryError: Java heap space',
  'JVMDUMP039I Processing dump event "systhrow", detail "java/lang/OutOfMemoryError" at 2026/11/24',
  'numpy.core._exceptions._ArrayMemoryError: Unable to allocate 8.00 GiB for an array with shape (1073741824,)',
  "app.rb:3:in `*': failed to allocate memory (NoMemoryError)",
])('a runtime that gave up says so: %s', (line) => {
  expect(judgeSuspect(gaveUp, found([], ['started', line])).is).toBe('kill');
});

test.each(['torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB', 'Segmentation fault'])(
  'another end is none: %s',
  (line) => {
    expect(judgeSuspect(gaveUp, found([], [line])).is).toBe('not-memory');
  },
);

test('its last words may stand in the status alone, when the pod is gone', () => {
  const message = 'Traceback (most recent call last):\nMemoryError\n';

  expect(judgeSuspect({ ...gaveUp, message }, found([]))).toMatchObject({
    is: 'kill',
    why: 'it gave up on its own: "MemoryError"',
  });
  expect(judgeSuspect({ ...gaveUp, message: 'exited' }, found([])).is).toBe('undecided');
});
