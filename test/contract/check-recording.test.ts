import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkRecording } from '../../sandbox/play/check-recording.ts';
import { createClock } from '../../sandbox/clock.ts';
import { openRecording } from '../../sandbox/kubernetes/cluster/recording.ts';
import { startTestSlack } from './slack/slack-world.ts';
import type { TestSlack } from './slack/slack-world.ts';

const directory = join(import.meta.dirname, '../recordings/captures/oom-multi');
const soon = { settleMs: 300, quietMs: 50 };

async function rootFor(slack: TestSlack, subject: string, kills: number): Promise<void> {
  await slack.client.chat.postMessage({
    channel: slack.alerts,
    text: `OOMKilled ${subject}`,
    metadata: { event_type: 'oomkeeper_incident', event_payload: { subject, kills, incident: 'INC-1' } },
  });
}

async function check(slack: TestSlack) {
  return checkRecording({ recording: await openRecording(directory, createClock(10_000)), slack }, directory, soon);
}

const wanted = { workload: 'Pod/duo', container: 'cache', expectedKills: 1 };

test('a recording went well when there are just the threads that its truth asks for', async () => {
  const slack = await startTestSlack();
  await rootFor(slack, 'demo/cap-oom-multi/Pod/duo/cache', 1);

  const report = await check(slack);

  expect(report).toEqual({ incidents: [{ ...wanted, kills: 1, threads: 1, ok: true }], needs: null, ok: true });
});

test('a thread that is missing, doubled, unasked for or counts otherwise is told', async () => {
  const [none, two, more, another] = await Promise.all([
    startTestSlack(),
    startTestSlack(),
    startTestSlack(),
    startTestSlack(),
  ]);
  await rootFor(two, 'demo/cap-oom-multi/Pod/duo/cache', 1);
  await rootFor(two, 'demo/cap-oom-multi/Pod/duo/cache', 1);
  await rootFor(more, 'demo/cap-oom-multi/Pod/duo/cache', 2);
  await rootFor(another, 'demo/cap-oom-multi/Pod/duo/cache', 1);
  await rootFor(another, 'demo/cap-oom-multi/Pod/duo/web', 1);

  const reports = await Promise.all([none, two, more, another].map(check));

  expect(reports.map(({ incidents }) => incidents)).toEqual([
    [{ ...wanted, kills: 0, threads: 0, ok: false }],
    [{ ...wanted, kills: 2, threads: 2, ok: false }],
    [{ ...wanted, kills: 2, threads: 1, ok: false }],
    [
      { ...wanted, kills: 1, threads: 1, ok: true },
      { workload: 'Pod/duo', container: 'web', expectedKills: 0, kills: 1, threads: 1, ok: false },
    ],
  ]);
  expect(reports.map(({ ok }) => ok)).toEqual([false, false, false, false]);
});
