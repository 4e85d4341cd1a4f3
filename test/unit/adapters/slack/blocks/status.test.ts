import { expect, test } from 'vitest';
import { type ClusterStatus, renderStatus } from '../../../../../src/adapters/slack/blocks/answers/status.ts';
import type { ClusterCondition } from '../../../../../src/core/talk/cluster-condition.ts';
import type { StatusAnswer } from '../../../../../src/core/talk/question.ts';
import { problemsOf } from '../limits-of.ts';

const now = Date.UTC(2026, 10, 24, 14, 0, 0);

const condition: ClusterCondition = {
  workerSeenAt: now - 2_000,
  checkpointAt: now - 40_000,
  open: 3,
  jobs: { kills: 0, incidents: 1 },
  deadKills: 0,
};

const said: StatusAnswer = {
  to: 'status',
  mode: 'act',
  startedAt: now - 3 * 60 * 60_000,
  paused: null,
  usage: 'Prometheus at http://10.0.0.1:9090, found as Service monitoring/prometheus',
  namespaces: [],
  freezes: [],
};

function textOf(changes: Partial<ClusterStatus>): string {
  return renderStatus({
    clusters: [{ name: 'prod', condition, worker: { said }, ...changes }],
    narrower: [],
    unknown: [],
    now,
  }).text;
}

test('a cluster that is well says so in one look', () => {
  expect(textOf({})).toBe(
    [
      'prod: acting, approved plans are carried out',
      '• worker up for 3 h',
      '• usage: Prometheus at http://10.0.0.1:9090, found as Service monitoring/prometheus',
      '• watcher: everything up to 40 s ago has been read',
      '• 3 open incidents; 0 kills and 1 incident wait for the worker',
    ].join('\n'),
  );
});

test.each([
  [{ worker: { said: { ...said, mode: 'observe' as const } } }, 'observing, nothing is ever changed'],
  [
    { worker: { said: { ...said, paused: { by: 'UAMIRA', at: now - 60_000, reason: 'freeze <!here>' } } } },
    'paused by <@UAMIRA> at 13:59:00 UTC: freeze &lt;!here&gt;',
  ],
  [{ worker: { said: { ...said, namespaces: ['shop', 'pay'] } } }, 'only namespaces shop, pay'],
  [
    {
      worker: { said: { ...said, freezes: [{ namespaces: ['pay-*'], until: now + 60_000, reason: 'Black Friday' }] } },
    },
    'policy freezes pay-∗ until 14:01:00 UTC: Black Friday',
  ],
  [{ worker: { silent: 'The worker of prod did not answer.' } }, 'its worker runs but did not answer'],
  [
    { worker: { silent: 'No.' }, condition: { ...condition, workerSeenAt: now - 3 * 60 * 60_000 } },
    'its worker was last seen 3 h ago',
  ],
  [{ worker: { silent: 'No.' }, condition: { ...condition, workerSeenAt: null } }, 'its worker was not seen'],
  [{ worker: { silent: 'No.' }, condition: null }, 'its store cannot be read at the moment'],
  [{ condition: { ...condition, checkpointAt: null } }, 'it has written no checkpoint yet'],
  [
    { condition: { ...condition, checkpointAt: now - 20 * 60_000 } },
    'everything up to 20 min ago has been read (see that it runs)',
  ],
  [{ condition: { ...condition, deadKills: 2 } }, 'no worker could read 2 kills; they are kept'],
])('what is wrong is said in words (%#)', (changes, words) => {
  expect(textOf(changes)).toContain(words);
});

test('many clusters are within what Slack accepts, and it is said how to see the others', () => {
  const clusters = Array.from({ length: 60 }, (_, at) => ({
    name: `c-${at}`,
    condition,
    worker: { silent: 'x'.repeat(900) },
  }));

  const answer = renderStatus({ clusters, narrower: [], unknown: ['I know no cluster prdo. Did you mean prod?'], now });

  expect(problemsOf(answer)).toEqual([]);
  expect(answer.blocks.at(-1)).toMatchObject({ elements: [{ text: expect.stringContaining('and 48 more') }] });
});
