import { describe, expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import type { Findings } from '../../../../src/core/evidence/evidence.ts';
import type { Kill } from '../../../../src/core/kill/kill.ts';
import { recommend } from '../../../../src/core/recommend/recommend.ts';
import type { Recommendation } from '../../../../src/core/recommend/recommendation.ts';
import { nodeSubject } from '../../../../src/core/kill/kill.ts';
import {
  findingsOf,
  found,
  killAt,
  killedAt,
  runBefore,
  survivingRun,
  Mi,
  minute,
  nothingFound,
  specOf,
} from '../../../fixtures/findings.ts';
import type { Usage } from '../../../fixtures/findings.ts';

function advice(findings: Findings, kill: Kill, recent: readonly Kill[] = [kill]): Recommendation {
  return recommend(diagnose(findings, kill, recent, killedAt), findings, kill, recent);
}

/** The limit of the fix in Mi; null where the fix is no raise. */
function raiseOf({ fix }: Recommendation): number | null {
  return fix.kind === 'raise-limit' ? fix.limitBytes / Mi : null;
}

const hour = 60 * minute;
const calm: Usage = (age) => 240 + 4 * Math.sin(age / 7919);
const leaking: Usage = (age) => 76 + (3 * age) / minute;

describe('the recommendation', () => {
  test('for a test is nothing, whatever its pod would need', () => {
    const kill = { ...killAt(killedAt, hour), test: 'me' };

    expect(advice(findingsOf([runBefore(kill, calm, 15_000)]), kill)).toEqual({
      fix: { kind: 'none', why: 'This was a test. There is nothing to fix.' },
      mitigation: null,
    });
  });

  test('for a level just below the limit is a quarter more, request and limit alike', () => {
    const kill = killAt(killedAt, hour);

    const { fix, mitigation } = advice(findingsOf([runBefore(kill, calm, 15_000)]), kill);

    expect(fix).toMatchObject({ kind: 'raise-limit', limitBytes: 320 * Mi, requestBytes: 320 * Mi });
    expect(mitigation).toBeNull();
  });

  test('for a climb that bends follows the level that it heads for', () => {
    const kill = killAt(killedAt, hour);
    const usage: Usage = (age) => 20 + 270 * (1 - Math.exp((-2.05 * age) / hour));

    const raise = raiseOf(advice(findingsOf([runBefore(kill, usage, 60_000)], { everyMs: 60_000 }), kill));

    expect(raise).toBeGreaterThan(290);
    expect(raise).toBeLessThanOrEqual(352);
  });

  test('for a climb that bends once and then goes on does not follow a line into the far', () => {
    const kill = killAt(killedAt, 6 * minute);
    // Quick for a minute, then slow, with the wobble of real samples: the rates hardly fall any more.
    const usages = [0, 1, 2, 3, 4, 5].map((phase): Usage => {
      const wobble = (age: number): number => 0.2 * Math.sin(age / 4001 + phase);
      return (age) => (age < minute ? 90 + (130 * age) / minute : 220 + (6.5 * (age - minute)) / minute) + wobble(age);
    });

    const raises = usages.map((usage) => {
      const advised = advice(findingsOf([runBefore(kill, usage, 15_000)]), kill);
      return raiseOf(advised) ?? (advised.mitigation?.limitBytes ?? 0) / Mi;
    });

    expect(Math.min(...raises.map(Number))).toBeGreaterThanOrEqual(288);
    expect(Math.max(...raises.map(Number))).toBeLessThanOrEqual(512);
  });

  test('for a pod whose sibling lives with more looks at the sibling', () => {
    const kill = killAt(killedAt, hour);
    const sibling = survivingRun(() => 300, 5 * hour, 15_000, { revision: kill.revision, limitBytes: 512 * Mi });
    const findings = findingsOf([runBefore(kill, calm, 15_000)], { siblings: [sibling] });

    const { fix } = advice(findings, kill);

    expect(fix).toMatchObject({ limitBytes: 352 * Mi, why: 'A pod of it that may use more peaked at 300Mi.' });
  });

  test('for a start that is killed does not move with further kills at the same limit', () => {
    const kills = Array.from({ length: 12 }, (_, index) => killAt(killedAt - (11 - index) * minute, 3000));

    const raises = [1, 2, 4, 12].map((count) => {
      const recent = kills.slice(-count);
      return raiseOf(advice(findingsOf([]), recent.at(-1) ?? killAt(killedAt, 0), recent));
    });

    expect(new Set(raises).size).toBe(1);
  });

  test('after a raise that did not hold doubles the larger limit', () => {
    const first = killAt(killedAt - hour, hour - minute, { limitBytes: 192 * Mi });
    const kill = killAt(killedAt, hour - minute);

    const { fix } = advice(findingsOf([runBefore(kill, calm, 15_000)]), kill, [first, kill]);

    expect(fix).toMatchObject({ limitBytes: 512 * Mi, why: expect.stringContaining('a smaller raise did not hold') });
    expect('holds' in fix ? fix.holds : 1).toBeLessThan(0.7);
  });

  test('for a leak is to fix it; a raise only buys the time that the slope gives', () => {
    const kill = killAt(killedAt, hour);

    const { fix, mitigation } = advice(findingsOf([runBefore(kill, leaking, 15_000)]), kill);

    expect(fix.kind).toBe('fix-leak');
    expect(fix.why).toContain('only delays the next kill');
    expect(mitigation).toMatchObject({ kind: 'raise-limit', limitBytes: 512 * Mi, requestBytes: 512 * Mi });
    expect(Math.abs((mitigation?.buysMs ?? 0) / minute - 256 / 3)).toBeLessThan(2);
  });

  test.each([
    {
      limit: 'raised',
      from: 160,
      to: 256,
      why: 'It was killed after 28 min at 160Mi and after 60 min at 256Mi. Another',
    },
    { limit: 'lowered', from: 352, to: 256, why: null },
  ])('for a leak whose limit somebody has $limit in vain has no other raise', ({ from, to, why }) => {
    const usualMs = (limit: number): number => ((limit - 76) / 3) * minute;
    const at = (time: number, limitMi: number): Kill => killAt(time, usualMs(limitMi), { limitBytes: limitMi * Mi });
    const first = at(killedAt - usualMs(to) - minute, from);
    const kill = at(killedAt, to);
    const runs = [first, kill].map((one) => runBefore(one, leaking, 15_000));

    const { fix, mitigation } = advice(findingsOf(runs), kill, [first, kill]);

    expect(fix.kind).toBe('fix-leak');
    expect(mitigation === null).toBe(why !== null);
    expect(fix.why).toContain(why ?? 'only delays the next kill');
  });

  test('for a leak that was only told by the clock does not say what a raise buys', () => {
    const kills = [3, 2, 1, 0].map((back) => killAt(killedAt - back * hour, hour));
    const kill = kills.at(-1) ?? killAt(killedAt, hour);

    const { fix, mitigation } = advice(nothingFound('unreachable'), kill, kills);

    expect(fix.kind).toBe('fix-leak');
    expect(mitigation?.buysMs).toBeNull();
  });

  test('for a slow leak lasts a night and no longer', () => {
    const kill = killAt(killedAt, 60 * hour, { limitBytes: 2048 * Mi });
    const usage: Usage = (age) => 800 + (20 * age) / hour;

    const { mitigation } = advice(findingsOf([runBefore(kill, usage, 5 * minute)], { everyMs: 5 * minute }), kill);

    expect(mitigation?.limitBytes).toBe(2560 * Mi);
    expect((mitigation?.buysMs ?? 0) / hour).toBeGreaterThanOrEqual(12);
  });

  test('for a bad rollout is to roll back, and a raise until then', () => {
    const kill = killAt(killedAt, 20 * minute);
    const rollout = {
      revision: '7',
      startedAt: killedAt - 21 * minute,
      previousRevision: '6',
      changed: ['env CACHE_MB'],
      limit: null,
      heapFlags: null,
    };
    const before = survivingRun(() => 90, 5 * hour, 15_000);
    const findings = findingsOf([runBefore(kill, (age) => 90 + (8 * age) / minute, 15_000)], {
      siblings: [before],
      rollout,
    });

    const { fix, mitigation } = advice(findings, kill);

    expect(fix).toMatchObject({ kind: 'roll-back', toRevision: '6' });
    expect(mitigation?.limitBytes).toBeGreaterThan(256 * Mi);
  });

  test.each([
    { what: 'only lowered the limit', changed: ['limit of app 512Mi -> 256Mi'], raise: 352 },
    { what: 'changed the program too', changed: ['limit of app 512Mi -> 256Mi', 'image a:1 -> a:2'], raise: null },
  ])('for a rollout that $what takes what the revision before used into account', ({ changed, raise }) => {
    const kill = killAt(killedAt, 20 * minute);
    const limit = { fromBytes: 512 * Mi, toBytes: 256 * Mi };
    const startedAt = killedAt - 21 * minute;
    const rollout = { revision: '7', startedAt, previousRevision: '6', changed, limit, heapFlags: null };
    const before = survivingRun(() => 300, 5 * hour, 15_000, { revision: 'before', limitBytes: 512 * Mi });
    const run = runBefore(kill, (age) => 90 + (8 * age) / minute, 15_000);

    const { mitigation } = advice(findingsOf([run], { siblings: [before], rollout }), kill);

    expect((mitigation?.limitBytes ?? 0) === 352 * Mi).toBe(raise === 352);
  });

  test('for what was not memory is nothing', () => {
    const kill = killAt(killedAt, hour, { reason: 'Error' });

    const { fix, mitigation } = advice(findingsOf([runBefore(kill, () => 90, 15_000)]), kill);

    expect([fix.kind, mitigation]).toEqual(['none', null]);
  });

  test('for what cannot be told is to raise, then look', () => {
    const kill = killAt(killedAt, hour);

    const { fix, mitigation } = advice(nothingFound('unreachable'), kill);

    expect(fix.kind).toBe('none');
    expect(mitigation?.why).toContain('Raise, then look');
  });

  test('for what cannot be told from few samples is a small raise as a try, that may well not hold', () => {
    const kill = killAt(killedAt, 21_000);

    const usage: Usage = (age) => (age > 5000 && age < 9000 ? 190 : 100);
    const { fix, mitigation } = advice(findingsOf([runBefore(kill, usage, 5_000)], { everyMs: 5_000 }), kill);

    expect(fix).toMatchObject({ kind: 'raise-limit', why: expect.stringMatching(/^Raise, then look/) });
    expect('holds' in fix ? fix.holds : 1).toBeLessThanOrEqual(0.5);
    expect('limitBytes' in fix ? fix.limitBytes : 0).toBeLessThanOrEqual(360 * Mi);
    expect(mitigation).toBeNull();
  });

  test('for one line from the start is a raise that buys time: it may be a leak', () => {
    const kill = killAt(killedAt, 16 * minute);
    const usage: Usage = (age) => 20 + (15 * age) / minute;

    const { fix, mitigation } = advice(findingsOf([runBefore(kill, usage, minute)], { everyMs: minute }), kill);

    expect([fix.kind, mitigation?.kind]).toEqual(['none', 'raise-limit']);
  });

  test('for a short run after long ones with peaks goes by the peaks, although a rollout came between', () => {
    const kill = killAt(killedAt, 4000);
    const long = killAt(killedAt - 10_000, hour);
    const usage: Usage = (age) => ([10, 25, 40].some((at) => Math.abs(age - at * minute) < minute) ? 240 : 90);
    const before = runBefore(long, usage, 15_000, { revision: 'before' });

    const short = advice(findingsOf([runBefore(kill, () => 200, 1000), before]), kill);

    expect(short.fix).toMatchObject({ why: expect.stringContaining('by a peak') });
  });

  test('for a kill calmly far below its limit is no raise at all', () => {
    const kill = killAt(killedAt, hour);

    const { fix, mitigation } = advice(findingsOf([runBefore(kill, () => 80, 15_000)]), kill);

    expect([fix.kind, mitigation]).toEqual(['none', null]);
  });

  test('without a limit is no raise, because its node ran out', () => {
    const kill = killAt(killedAt, hour, { limitBytes: null, limitInForceBytes: null });

    const { fix, mitigation } = advice(findingsOf([{ ...runBefore(kill, calm, 15_000), limitBytes: 0 }]), kill);

    expect([fix.kind, mitigation]).toEqual(['add-node-memory', null]);
  });

  test('for a memory-backed volume is to move it, and a raise until then', () => {
    const kill = killAt(killedAt, hour);
    const run = runBefore(kill, (age) => 60 + (190 * age) / hour, 15_000);
    const samples = run.samples.map((sample) => ({ ...sample, rssBytes: 60 * Mi }));
    const memoryVolumes = [{ name: 'cache', mountPath: '/cache', sizeLimitBytes: null }];

    const { fix, mitigation } = advice(findingsOf([{ ...run, samples }], { spec: specOf({ memoryVolumes }) }), kill);

    expect(fix).toMatchObject({ kind: 'move-volume', volume: 'cache', mountPath: '/cache' });
    expect(mitigation?.limitBytes).toBeGreaterThan(256 * Mi);
  });

  test.each([
    ['of this container', true, { kind: 'adjust-requests', requestBytes: 464 * Mi }],
    ['of nobody knows whom', false, { kind: 'adjust-requests', requestBytes: 232 * Mi }],
  ])(
    'for a kill for the node covers what the kernel counted %s, when that is more than a sample',
    (_, isNamed, expected) => {
      const kill = killAt(killedAt, hour, {
        requestBytes: 100 * Mi,
        limitBytes: 1024 * Mi,
        limitInForceBytes: 1024 * Mi,
      });
      const victim = { process: 'app', pid: 42, rssBytes: 400 * Mi };
      const value = { node: kill.node ?? 'n1', at: killedAt, outOf: 'machine' as const, victim, isNamed };
      const nodeOom = { found: true as const, value, source: 'an Event', at: killedAt };

      const { fix } = advice({ ...findingsOf([runBefore(kill, () => 200, 15_000)]), nodeOom }, kill);

      expect(fix).toMatchObject(expected);
    },
  );

  test.each([
    ['100Mi', { kind: 'adjust-requests', requestBytes: 232 * Mi }],
    ['0', { kind: 'adjust-requests', requestBytes: 232 * Mi }],
    ['300Mi', { kind: 'add-node-memory' }],
  ])('for an eviction that used 200Mi of a request of %s is about the request or the node', (request, expected) => {
    const message = `The node was low on resource: memory. Threshold quantity: 100Mi, available: 104Ki. Container app was using 204800Ki, request is ${request}, has larger consumption of memory. `;
    const kill = killAt(killedAt, hour, { kind: 'eviction', reason: 'Evicted', message });

    const { fix, mitigation } = advice(nothingFound('nobody asked'), kill);

    expect(fix).toMatchObject(expected);
    expect(mitigation).toBeNull();
  });

  test.each([
    [
      'names who should ask for more',
      [{ pod: 'shop/web-1', usedBytes: 200 * Mi, requestBytes: 64 * Mi }],
      /^shop\/web-1.*200Mi/,
    ],
    ['is just more memory where nobody uses more than asked for', [], /^$/],
  ])('for a whole node %s', (_, exceeding, why) => {
    const node = {
      node: 'node-1',
      allocatableBytes: null,
      requestedBytes: 0,
      limitBytes: 0,
      unlimitedPods: 0,
      usedBytes: null,
      pressureSince: null,
      enoughSince: null,
      exceeding,
      victims: [],
    };

    const { fix } = advice(
      { ...nothingFound('nobody asked'), node: found(node) },
      killAt(killedAt, hour, { kind: 'node', subject: nodeSubject('prod', 'pool-a-1') }),
    );

    expect(fix).toMatchObject({ kind: 'add-node-memory', why: expect.stringMatching(why) });
  });

  test('for a killed worker is nearly twice the limit, and says between what its need probably is', () => {
    const kill = killAt(killedAt, hour, { kind: 'child-process', exitCode: 1 });

    const { fix } = advice(findingsOf([]), kill);

    expect(fix).toMatchObject({ limitBytes: 496 * Mi, why: expect.stringContaining('probably 304Mi to 480Mi') });
  });

  test.each([
    { what: 'that come and go', peaks: [230, 245, 228], most: 336 },
    { what: 'that each go higher', peaks: [200, 220, 245], most: 400 },
  ])('for peaks $what is at most $most Mi', ({ peaks, most }) => {
    const kill = killAt(killedAt, hour);
    const usage: Usage = (age) => {
      const [nth, into] = [Math.floor(age / (15 * minute)), age % (15 * minute)];
      return into > 12 * minute ? (peaks[nth] ?? 250) : 90;
    };

    const raise = raiseOf(advice(findingsOf([runBefore(kill, usage, 15_000)]), kill));

    expect(raise).toBeGreaterThan(256);
    expect(raise).toBeLessThanOrEqual(most);
  });

  test('that rests on a doubtful verdict is less likely to hold', () => {
    const kill = killAt(killedAt, hour);
    const findings = findingsOf([runBefore(kill, calm, 15_000)]);
    const told = diagnose(findings, kill, [kill], killedAt);
    const doubtful = { ...told, hypotheses: told.hypotheses.map((one) => ({ ...one, confidence: 0.6 })) };

    const [sure, less] = [told, doubtful].map((diagnosis) => recommend(diagnosis, findings, kill, [kill]).fix);

    expect(sure).toMatchObject({ holds: expect.closeTo(0.95, 1) });
    expect(less).toMatchObject({ holds: expect.closeTo(0.71, 1) });
  });
});

test.each([1, 50, 100, 127, 200, 300, 700, 1500, 3000, 6000, 20_000])(
  'a raise from %d Mi is above it, at most four times it, with a chance to hold between 0 and 1',
  (limit) => {
    const kill = killAt(killedAt, 3000, { limitBytes: limit * Mi });

    const { fix } = advice(findingsOf([]), kill);

    const raise = fix.kind === 'raise-limit' ? fix : null;
    expect(raise?.limitBytes).toBeGreaterThan(limit * Mi);
    expect(raise?.limitBytes).toBeLessThanOrEqual(Math.max(4 * limit, 8) * Mi);
    expect(raise?.holds).toBeGreaterThan(0);
    expect(raise?.holds).toBeLessThan(1);
  },
);
