import { expect, test } from 'vitest';
import { deployedWords, impactLine, linkWords } from '../../../../../src/adapters/slack/blocks/impact-line.ts';
import { renderRoot } from '../../../../../src/adapters/slack/blocks/root.ts';
import type { Impact } from '../../../../../src/core/notify/impact.ts';
import { aLoaded, anExplanation, anImpact, killedAt } from '../../../../fixtures/incidents.ts';
import { problemsOf } from '../limits-of.ts';

const nothing = { pods: null, restarts: null, unserved: null, qosClass: null } as const;
const hour = 3_600_000;

test.each<[string, Partial<Impact>, string | null]>([
  ['pods and restarts', {}, '*Impact:* 2 of 3 pods ready · 5 restarts in 40 min · severity high'],
  [
    'a Service without an endpoint and one replica',
    {
      pods: { ready: 0, desired: 1 },
      unserved: ['checkout'],
      restarts: { count: 1, overMs: 20_000 },
      severity: 'critical',
    },
    '*Impact:* 0 of 1 pod ready · no endpoint left for Service checkout · 1 restart in the last hour · severity critical',
  ],
  [
    'many Services',
    { ...nothing, unserved: ['a', 'b', 'c', 'd', 'e'] },
    '*Impact:* no endpoint left for Service a, b, c and 2 more · severity high',
  ],
  [
    'a class of priority and of QoS',
    { ...nothing, qosClass: 'BestEffort', priorityClass: 'gold', severity: 'low' },
    '*Impact:* QoS BestEffort · PriorityClass gold · severity low',
  ],
  [
    'no restart at all',
    { pods: { ready: 3, desired: 3 }, restarts: { count: 0, overMs: hour }, severity: 'low' },
    '*Impact:* 3 of 3 pods ready · severity low',
  ],
  ['only an owner', { ...nothing, owner: { name: 'team-shop', id: 'S0SHOP' } }, '*Impact:* owner team-shop'],
  ['nothing', nothing, null],
])('%s', (_, changes, words) => {
  expect(impactLine({ impact: anImpact(changes) })).toBe(words);
});

test('before it was read there is no line', () => {
  expect(impactLine({ impact: null })).toBeNull();
});

test('names of the cluster form no mention, link or format, not even one with the form of an id', () => {
  const owner = { name: '<!channel> <@U0BOSS> @here *x*', id: null };

  const line = impactLine({ impact: anImpact({ ...nothing, owner, unserved: ['<https://evil.test|checkout>'] }) });

  expect(line).not.toMatch(/[<>]|@here/);
  expect(impactLine({ impact: anImpact({ ...nothing, owner: { name: 'U0BOSS', id: 'U0BOSS' } }) })).toBe(
    '*Impact:* owner U0BOSS',
  );
});

test.each([
  [
    { at: killedAt - 2 * hour, version: '1.4.3', commit: '3f2a1bc', by: 'argocd-controller' },
    `deployed <!date^${(killedAt - 2 * hour) / 1000}^{ago}|at 2026-11-24 12:02 UTC> by argocd-controller (1.4.3, 3f2a1bc)`,
  ],
  [{ at: null, version: '<b>', commit: null, by: null }, 'deployed (&lt;b&gt;)'],
  [{ at: null, version: null, commit: null, by: 'kubectl' }, null],
])('what was deployed: %j', (deployed, words) => {
  expect(deployedWords({ impact: anImpact({ deployed }) })).toBe(words);
});

test('the root has the impact right below the verdict and above the fix, links in its last line, and stays within limits', () => {
  const links = [
    { name: 'Grafana', url: 'https://grafana.test/d/1?ns=shop&pod=a' },
    { name: 'Runbook', url: 'https://wiki.test/oom' },
  ];
  const loaded = aLoaded({ explained: anExplanation(), impact: anImpact({ links }) });

  const { blocks, text } = renderRoot(loaded);
  const shown = JSON.stringify(blocks);

  expect(shown.indexOf('*Impact:*')).toBeGreaterThan(
    shown.indexOf(anExplanation().diagnosis.hypotheses[0]?.sentence ?? '?'),
  );
  expect(shown.indexOf('*Impact:*')).toBeLessThan(shown.indexOf('*Fix:*'));
  expect(JSON.stringify(blocks.at(-1))).toContain('<https://grafana.test/d/1?ns=shop&amp;pod=a|Grafana>');
  expect(text).toContain('Impact: 2 of 3 pods ready');
  expect(problemsOf(renderRoot(loaded))).toEqual([]);
});

test('a link whose name is hostile stays one link', () => {
  const links = [{ name: 'a|b> <!here>', url: 'https://grafana.test/' }];

  expect(linkWords({ impact: anImpact({ links }) })).toEqual(['<https://grafana.test/|a|b&gt; &lt;!here&gt;>']);
});
