import { expect, test } from 'vitest';
import type { EvidenceLine } from '../../../../src/core/evidence/evidence.ts';
import { changedLines, changeHeading, evidenceNews, type Told, toldOf } from '../../../../src/core/evidence/told.ts';

const line = (label: string, text: string, missing = false): EvidenceLine => ({
  label,
  text,
  missing,
  source: 'kubernetes',
  at: 0,
});
const now = (kills: number, lines: readonly EvidenceLine[] = [line('Restarts', `${kills} kills known`)]) => ({
  cause: 'leak' as const,
  kills,
  lines,
});

test('a crash loop of a thousand kills is told of about ten times', () => {
  let told: Told | null = null;
  const news: string[] = [];
  for (let kills = 1; kills <= 1_000; kills += 1) {
    const is = evidenceNews(told, now(kills));
    if (is === 'none') continue;
    news.push(is);
    told = toldOf(told, now(kills));
  }

  expect(news[0]).toBe('verdict');
  expect(new Set(news.slice(1))).toEqual(new Set(['more-kills']));
  expect(news.length).toBe(9);
});

test.each([
  ['the same again', now(1), 'none'],
  ['a second kill', now(2), 'none'],
  ['a third kill', now(3), 'more-kills'],
  ['another verdict', { ...now(1), cause: 'limit-too-low' as const }, 'verdict'],
  ['what was missing', now(1, [line('Usage', '412Mi')]), 'more-known'],
  ['what is missing now', now(1, [line('Log', 'gone', true)]), 'none'],
])('%s is news: %s', (_, is, news) => {
  const told = toldOf(null, now(1, [line('Usage', 'no Prometheus', true)]));

  expect(evidenceNews(told, is)).toBe(news);
});

test('evidence that comes and goes ends being news', () => {
  let told = toldOf(null, now(1, [line('Usage', 'none', true)]));
  let times = 0;
  for (let look = 0; look < 100; look += 1) {
    const at = now(1, [look % 2 === 0 ? line('Usage', `${look}Mi`) : line('Usage', 'none', true)]);
    if (evidenceNews(told, at) !== 'none') times += 1;
    told = { ...toldOf(told, at), updates: times };
  }

  expect(times).toBe(12);
});

test('only the lines that are not as they were told have changed', () => {
  const before = [line('Restarts', 'one kill known'), line('Spec', 'limit 256Mi')];
  const after = [line('Restarts', 'the last 12 kills known'), line('Spec', 'limit 256Mi'), line('Log', 'oom')];

  expect(changedLines(toldOf(null, now(1, before)), after)).toEqual([after[0], after[2]]);
  expect(changedLines(null, after)).toEqual(after);
});

test('what is told says how many kills there are, and whether anything else has changed', () => {
  const before = toldOf(null, now(1));

  expect(changeHeading('more-kills', before, now(3))).toBe(
    '3 kills by now, 1 when this was last told. The verdict is the same; what changed in the evidence:',
  );
  expect(changeHeading('more-kills', before, now(3, now(1).lines))).toBe(
    '3 kills by now, 1 when this was last told. The verdict and its evidence are the same.',
  );
  expect(changeHeading('verdict', before, now(1))).toBeNull();
});
