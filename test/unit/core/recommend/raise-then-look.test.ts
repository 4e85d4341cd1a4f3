import { expect, test } from 'vitest';

import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import { recommend } from '../../../../src/core/recommend/recommend.ts';
import { killAt, killedAt, minute, nothingFound } from '../../../fixtures/findings.ts';

/** What is advised where only the run time (ms) of kills at 256Mi is known. */
function adviceAfter(runMs: number): string | undefined {
  const kills = [1, 0].map((back) => killAt(killedAt - back * (runMs + minute), runMs));
  const findings = nothingFound('no Prometheus answers');
  const kill = kills.at(-1) ?? killAt(killedAt, runMs);
  return recommend(diagnose(findings, kill, kills, killedAt + 100), findings, kill, kills).mitigation?.why;
}

test.each<[number, RegExp]>([
  [4 * minute, /^Raise, then look: if it is killed again after \d+ to \d+ min instead of 4 min, it leaks/],
  [100 * minute, /after \d+ to \d+ h instead of 100 min, it leaks; if it still runs after \d+ h, 256Mi was too low\.$/],
  [50 * 1000, /after \d+ s to \d min instead of 50 s/],
])('after runs of %d ms a raise is an experiment with its times', (runMs, words) => {
  expect(adviceAfter(runMs)).toMatch(words);
});
