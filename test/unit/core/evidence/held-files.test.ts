import { describe, expect, test } from 'vitest';

import { filesIn, heldFiles } from '../../../../src/core/evidence/held-files.ts';
import type { UsageSample } from '../../../../src/core/evidence/evidence.ts';
import { killAt, killedAt, Mi } from '../../../fixtures/findings.ts';

const second = 1000;
/** The run before ended 40 s before this one was killed, which had begun 2 s before. */
const before = killAt(killedAt - 40 * second, 90 * second);
const kill = killAt(killedAt, 2 * second);

function podOf(...samples: readonly (readonly [agoSeconds: number, ofPod: Partial<UsageSample>])[]) {
  return {
    pods: [
      {
        pod: kill.pod,
        samples: samples.map(([ago, one]) => ({ t: killedAt - ago * second, workingSetBytes: 60 * Mi, ...one })),
      },
    ],
  };
}

describe('what a pod held between two runs', () => {
  test('is the last sample of the pod before the next start', () => {
    const pods = podOf([60, { cacheBytes: 9 * Mi }], [30, { cacheBytes: 50 * Mi }], [10, { cacheBytes: 55 * Mi }]);

    expect(heldFiles(pods, kill, [before, kill])).toEqual({
      bytes: 55 * Mi,
      isMeasured: true,
    });
  });

  test.each<[string, Partial<UsageSample>, number, boolean]>([
    ['its cache, where that was measured', { cacheBytes: 50 * Mi, rssBytes: Mi }, 50, true],
    ['what is not rss, where only that was measured', { rssBytes: 5 * Mi }, 55, true],
    ['no more than the rest beside rss', { cacheBytes: 58 * Mi, rssBytes: 20 * Mi }, 40, true],
    ['all of it, where nothing else was measured', {}, 60, false],
  ])('is %s', (_, sample, size, isMeasured) => {
    expect(heldFiles(podOf([10, sample]), kill, [before, kill])).toMatchObject({ bytes: size * Mi, isMeasured });
  });

  test.each([
    ['the pod was not asked for', {}, [before, kill]],
    ['no sample fell between the runs', podOf([60, {}], [0, {}]), [before, kill]],
    ['it is the first run that is known', podOf([10, {}]), [kill]],
    ['the run before was another pod’s', podOf([10, {}]), [{ ...before, pod: 'checkout-bbbbbbb-22222' }, kill]],
  ])('is not known where %s', (_, pods, kills) => {
    expect(heldFiles(pods, kill, kills)).toBeNull();
  });

  test('leaves no files where the working set is all rss', () => {
    expect(filesIn({ t: 0, workingSetBytes: 10, rssBytes: 12 })).toBe(0);
  });
});
