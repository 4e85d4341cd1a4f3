import { describe, expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import type { Hypothesis } from '../../../../src/core/diagnose/diagnosis.ts';
import type { Findings } from '../../../../src/core/evidence/evidence.ts';
import type { Kill } from '../../../../src/core/kill/kill.ts';
import { nodeSubject } from '../../../../src/core/kill/kill.ts';
import {
  findingsOf,
  found,
  killAt,
  killedAt,
  runBefore,
  Mi,
  minute,
  nothingFound,
  specOf,
} from '../../../fixtures/findings.ts';

const hour = 60 * minute;

function verdictOf(findings: Findings, kill: Kill, recent: readonly Kill[] = [kill]): Hypothesis | undefined {
  return diagnose(findings, kill, recent, killedAt).hypotheses[0];
}

describe('files in memory', () => {
  const memoryVolumes = [{ name: 'cache', mountPath: '/cache', sizeLimitBytes: 128 * Mi }];
  const kill = killAt(killedAt, hour);

  /** Grows to the limit; `own` is the share of the growth that is memory of processes. */
  function grown(own: number) {
    const run = runBefore(kill, (age) => 60 + (190 * age) / hour, 15_000);
    const rss = (bytes: number): number => 60 * Mi + (bytes - 60 * Mi) * own;
    return { ...run, samples: run.samples.map((one) => ({ ...one, rssBytes: rss(one.workingSetBytes) })) };
  }

  test('that fill the limit are told with their volume', () => {
    const verdict = verdictOf(findingsOf([grown(0)], { spec: specOf({ memoryVolumes }) }), kill);

    expect(verdict?.cause).toBe('tmpfs');
    expect(verdict?.sentence).toContain('the memory-backed volume cache at /cache fills the limit of 256Mi');
  });

  test.each([
    ['the processes grew and the volume did not', 1, memoryVolumes, 'leak'],
    ['there is no such volume', 0, [], 'inconclusive'],
  ])('are innocent where %s', (_, own, volumes, cause) => {
    const findings = findingsOf([grown(own)], { spec: specOf({ memoryVolumes: volumes }) });

    expect(verdictOf(findings, kill)?.cause).toBe(cause);
  });

  test('that outlived the restart kill the next start', () => {
    const kills = [2, 1, 0].map((back) => killAt(killedAt - back * minute, 1000, { kind: 'start' }));
    const last = kills.at(-1) ?? kill;
    const seen = { ...findingsOf([]), spec: found(specOf({ memoryVolumes })) };

    const causes = diagnose(seen, last, kills, killedAt).hypotheses.map(({ cause }) => cause);

    expect(causes.slice(0, 2).toSorted()).toEqual(['limit-too-low', 'tmpfs']);
  });
});

describe('a killed process of a container', () => {
  const kill = killAt(killedAt, hour, { kind: 'child-process', exitCode: 1 });

  test('is told, with the fall of usage that no restart explains', () => {
    const usage = (age: number): number =>
      age > 30 * minute && age < 35 * minute ? 100 + (age - 30 * minute) / 2000 : 60;
    const log = { ...nothingFound('none').log, ...found({ lines: ['worker pid=8 terminated by signal 9 (Killed)'] }) };

    const verdict = verdictOf({ ...findingsOf([runBefore(kill, usage, 15_000)]), log }, kill);

    expect(verdict?.cause).toBe('child-process');
    expect(verdict?.for).toEqual([
      'The container ended later on its own, with exit code 1; its status still says OOMKilled.',
      'Usage rose to 245Mi or more and fell at once, without a restart.',
      'Its log reports a killed process.',
    ]);
  });

  test('is told without any other evidence', () => {
    expect(verdictOf(nothingFound('none'), kill)?.cause).toBe('child-process');
  });
});

describe('a node that ran out', () => {
  const message =
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 104Ki. Container app was using 157056Ki, request is 20Mi, has larger consumption of memory. ';

  test('and evicted says what was used and asked for', () => {
    const kill = killAt(killedAt, hour, { kind: 'eviction', reason: 'Evicted', message });

    expect(verdictOf(nothingFound('none'), kill)).toMatchObject({
      cause: 'node-pressure',
      sentence: 'Node node-1 ran low on memory and evicted the pod: app used 153Mi, its request is 20Mi',
    });
  });

  test('is the verdict for a kill of the whole node', () => {
    expect(
      verdictOf(
        nothingFound('none'),
        killAt(killedAt, hour, { kind: 'node', subject: nodeSubject('prod', 'pool-a-1') }),
      )?.cause,
    ).toBe('node-pressure');
  });

  test.each([
    ['a second before the kill it was far below its limit', 1000, 20, 'node-pressure'],
    ['it used no more than it asked for', 1000, 512, 'inconclusive'],
    ['the way to its limit could have been made between two samples', 60_000, 20, 'inconclusive'],
  ])('is told only where %s', (_, everyMs, request, cause) => {
    const kill = killAt(killedAt, hour, { limitBytes: 512 * Mi, requestBytes: request * Mi });
    const run = runBefore(kill, () => 150, everyMs);

    expect(verdictOf(findingsOf([run], { everyMs, spec: specOf() }), kill)?.cause).toBe(cause);
  });

  const nodeOom = (isNamed: boolean) => ({
    nodeOom: found({
      node: 'node-1',
      at: killedAt,
      outOf: 'machine' as const,
      victim: { process: 'java', pid: 7, rssBytes: 150 * Mi },
      isNamed,
    }),
  });

  test.each([
    ['the kernel names it', true, 250, 'OOMKilled', ['node-pressure', 0.95]],
    ['the kernel names it, and its runtime does not say OOMKilled', true, 150, 'Error', ['node-pressure', 0.95]],
    ['it was far below its limit', false, 150, 'OOMKilled', ['node-pressure', 0.9]],
    ['it was not near its limit', false, 350, 'OOMKilled', ['node-pressure', 0.75]],
    ['it was at its limit, and another may have been meant', false, 505, 'OOMKilled', ['limit-too-low', 0.9]],
  ] as const)(
    'when the kernel killed for all of it, and %s: %s %i %s',
    (_, isNamed, used, reason, [cause, confidence]) => {
      const kill = killAt(killedAt, hour, { limitBytes: 512 * Mi, requestBytes: 20 * Mi, reason });
      const findings = {
        ...findingsOf([runBefore(kill, () => used, 15_000)], { spec: specOf() }),
        ...nodeOom(isNamed),
      };

      const verdict = verdictOf(findings, kill);

      expect(verdict).toMatchObject({ cause, confidence });
    },
  );

  test('makes a container without a limit surer', () => {
    const kill = { ...killAt(killedAt, hour), limitBytes: null, limitInForceBytes: null };

    const verdict = verdictOf({ ...nothingFound('none'), ...nodeOom(false) }, kill);

    expect(verdict).toMatchObject({ cause: 'no-limit', confidence: 0.9 });
    expect(verdict?.for[1]).toContain('all memory of node-1 was used, at 14:00:00 UTC: java, which held 150Mi');
  });

  test('is told for a container without a limit', () => {
    const kill = killAt(killedAt, hour, { limitBytes: null, limitInForceBytes: null, requestBytes: null });

    const verdict = verdictOf(nothingFound('none'), { ...kill, limitBytes: null, limitInForceBytes: null });

    expect(verdict).toMatchObject({ cause: 'no-limit', for: ['It has no memory limit and no request either.'] });
  });
});
