import { expect, test } from 'vitest';
import { renderPodHistory } from '../../../../../src/adapters/slack/blocks/answers/pod-history.ts';
import type { Happened } from '../../../../../src/core/talk/pod-history.ts';
import { aKill, killedAt } from '../../../../fixtures/incidents.ts';

const { subject } = aKill();
const exit = (minute: number) => ({ at: killedAt + minute * 60_000, pod: 'checkout-1', subject, exitCode: 137 });
const kill = (minute: number, incident = 'INC-7F3K'): Happened => ({
  ...exit(minute),
  is: 'kill',
  kind: 'container',
  incident,
});
const probe = (minute: number): Happened => ({ ...exit(minute), is: 'ignored', reason: 'liveness-probe' });

/** The lines of an answer, with what was there before their times left out. */
function linesOf(happened: readonly Happened[]): readonly string[] {
  const { text } = renderPodHistory({ word: 'checkout-1', happened, links: new Map(), now: killedAt });
  return text
    .split('\n')
    .filter((line) => line.startsWith('•'))
    .map((line) => line.replace(/^.*exit 137 /, ''));
}

test('a crash loop is one line, from its first kill to its last', () => {
  expect(linesOf([kill(0), kill(1), kill(2)])).toEqual([
    'at 14:04:11 UTC (3 times since 14:02:11 UTC) was a memory kill (OOMKilled), counted in INC-7F3K',
  ]);
});

test('what happened between, and what is counted in another incident, has a line of its own', () => {
  expect(linesOf([kill(0), probe(1), kill(2), kill(3, 'INC-2222'), kill(4, 'INC-2222')])).toEqual([
    'at 14:02:11 UTC was a memory kill (OOMKilled), counted in INC-7F3K',
    expect.stringContaining('at 14:03:11 UTC was the liveness probe'),
    'at 14:04:11 UTC was a memory kill (OOMKilled), counted in INC-7F3K',
    'at 14:06:11 UTC (2 times since 14:05:11 UTC) was a memory kill (OOMKilled), counted in INC-2222',
  ]);
});
