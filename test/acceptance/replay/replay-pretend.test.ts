import { expect, test } from 'vitest';
import { seededRandom } from '../../../sandbox/scenario/scenario-seed.ts';
import { pretendRecording } from '../pretend-pods.ts';
import { replayTexts } from './replay-captures.ts';
import type { Answer } from './replay-captures.ts';

/** Others to look for trouble: OOMKEEPER_TEST_SEEDS=1001,1002 */
const seeds =
  process.env['OOMKEEPER_TEST_SEEDS']?.split(',').map(Number) ?? Array.from({ length: 80 }, (_, index) => index + 1);

function sentences({ lines }: Answer): readonly string[] {
  const counted = new Map<string, number>();
  for (const { incident, workload, container, suspect, kills } of lines) {
    if (incident === undefined) continue;
    const what = `${workload.kind}/${workload.name} ${container ?? 'pod'}: ${suspect ? 'suspect' : 'kill'}`;
    counted.set(what, (counted.get(what) ?? 0) + kills);
  }
  return [...counted].map(([what, times]) => `${what} x ${times}`).toSorted();
}

function inAnyOrder(text: string, seed: number): string {
  const random = seededRandom(seed);
  return text
    .split('\n')
    .map((line) => ({ line, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ line }) => line)
    .join('\n');
}

test('pods that end in every way, seen by one witness or another: each kill once, whatever the order of lines', async () => {
  let kills = 0;
  for (const seed of seeds) {
    const { pods, events, metrics, truth } = pretendRecording(seed);

    const answer = await replayTexts([pods], [events], undefined, [metrics]);
    const shuffled = await replayTexts([inAnyOrder(pods, seed)], [inAnyOrder(events, seed)], undefined, [
      inAnyOrder(metrics, seed),
    ]);

    kills += answer.lines.reduce((sum, line) => sum + line.kills, 0);
    expect({ seed, found: sentences(answer) }).toEqual({ seed, found: truth });
    expect({ seed, found: sentences(shuffled) }).toEqual({ seed, found: truth });
    expect([answer.exitCode, answer.stderr]).toEqual([0, '']);
  }
  expect(kills).toBeGreaterThan(4 * seeds.length);
});
