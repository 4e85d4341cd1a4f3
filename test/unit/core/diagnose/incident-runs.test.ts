import { describe, expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import type { Findings, RolloutFacts, UsageRun } from '../../../../src/core/evidence/evidence.ts';
import type { Kill } from '../../../../src/core/kill/kill.ts';
import { findingsOf, killAt, killedAt, minute, runBefore, survivingRun } from '../../../fixtures/findings.ts';
import type { Usage } from '../../../fixtures/findings.ts';

const everyMs = 5000;
const rollout: RolloutFacts = {
  revision: '7',
  startedAt: killedAt - 30_000,
  previousRevision: '6',
  changed: ['annotation restarted-at'],
  limit: null,
  heapFlags: null,
};

function verdictOf(findings: Findings, kill: Kill, kills: readonly Kill[] = [kill]) {
  return diagnose(findings, kill, kills, killedAt + 1000).hypotheses[0];
}

describe('the runs that an incident is about', () => {
  // A burst every 20 s.
  const bursty: Usage = (age) => (age % 20_000 > 12_000 ? 240 : 90);
  const before = killAt(killedAt - 20_000, 3 * minute, { revision: 'aaaaaaa', pod: 'old' });
  const kill = killAt(killedAt, 4000);
  const runs = [runBefore(before, bursty, everyMs), runBefore(kill, () => 200, 2000)];

  test('are those of the revision before too where it was killed as well', () => {
    const verdict = verdictOf(findingsOf(runs, { rollout, everyMs }), kill, [before, kill]);

    expect(verdict?.cause).toBe('traffic-spike');
  });

  test('are not those of a revision that was not killed', () => {
    const verdict = verdictOf(findingsOf(runs.slice(1), { rollout, everyMs }), kill);

    expect(verdict?.cause).not.toBe('traffic-spike');
  });
});

describe('a rollout before one process of a container was killed', () => {
  const grows: Usage = (age) => 40 + (54 * age) / minute;
  const kill = killAt(killedAt, 4 * minute, { kind: 'child-process', exitCode: null });
  const own: UsageRun = { ...runBefore(kill, grows, everyMs), killedAt: null };
  const about = { ...rollout, startedAt: killedAt - 4 * minute };
  const old = (usage: Usage, runMs: number): UsageRun => survivingRun(usage, runMs, everyMs);

  test.each<[string, UsageRun, string]>([
    ['is innocent where the revision before grew the same way', old(grows, 3 * minute), 'child-process'],
    ['is innocent where the revision before was seen for a shorter time', old(() => 40, minute), 'child-process'],
    ['is to blame where the revision before ran on calmly', old(() => 40, 30 * minute), 'bad-rollout'],
  ])('%s', (_, sibling, cause) => {
    expect(verdictOf(findingsOf([own], { siblings: [sibling], rollout: about, everyMs }), kill)?.cause).toBe(cause);
  });
});

describe('usage that is flat until the end', () => {
  test('near the limit is less certain where the runtime does not speak of memory', () => {
    const [known, suspect] = ['OOMKilled', 'Error'].map((reason) => {
      const kill = killAt(killedAt, 30 * minute, { reason });
      return verdictOf(findingsOf([runBefore(kill, () => 238, everyMs)], { everyMs }), kill);
    });

    expect(known).toMatchObject({ cause: 'limit-too-low', confidence: 0.9 });
    expect(suspect).toMatchObject({ cause: 'limit-too-low', confidence: 0.6 });
    expect(suspect?.against).toContain('The runtime does not call it a memory kill.');
  });

  test('stays open where it used more than it asked for, and its node may have been full', () => {
    const kill = killAt(killedAt, 30 * minute, { requestBytes: 1024 });

    const verdict = verdictOf(findingsOf([runBefore(kill, () => 170, everyMs)], { everyMs }), kill);

    expect(verdict?.cause).toBe('inconclusive');
  });
});

test('no more than the latest twelve runs of a crash loop are compared', () => {
  const kills = Array.from({ length: 40 }, (_, nth) => killAt(killedAt - (39 - nth) * 20 * minute, 18 * minute));
  const runs = kills.map((kill) => runBefore(kill, (age) => 80 + (9 * age) / minute, 60_000));
  const kill = kills.at(-1) ?? killAt(killedAt, 18 * minute);

  const verdict = verdictOf(findingsOf(runs, { everyMs: 60_000 }), kill, kills);

  expect(verdict?.cause).toBe('leak');
  expect(verdict?.for).toContain('12 runs grew at the same rate.');
});

describe('a run of a few seconds that was sampled every second', () => {
  const kill = killAt(killedAt, 7500);
  const verdict = (usage: Usage) => verdictOf(findingsOf([runBefore(kill, usage, 1000)], { everyMs: 1000 }), kill);

  test('and climbed all the time is a start', () => {
    expect(verdict((age) => 70 + (20 * age) / 1000)).toMatchObject({
      cause: 'limit-too-low',
      sentence: expect.stringContaining('too low to start'),
    });
  });

  test('and was calm until a burst is none', () => {
    expect(verdict((age) => (age % 3000 > 1800 ? 230 : 80))?.cause).toBe('traffic-spike');
  });
});
