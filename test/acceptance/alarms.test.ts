import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startSystem } from '../system.ts';
import type { System } from '../system.ts';
import { threadAbout, threadsOf } from './threads.ts';
import { addVictim } from './victims.ts';
import { eventually } from '../eventually.ts';
import { skipUnlessLongIsWanted } from '../long.ts';

skipUnlessLongIsWanted();

/* PagerDuty and Alertmanager are told by the processes as they run. */

async function start(): Promise<System> {
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-alarms-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const policy = join(folder, 'policy.yaml');
  await writeFile(policy, 'alarms: [{ from: low }]\n');
  const system = await startSystem({ settings: { OOMKEEPER_POLICY: policy, OOMKEEPER_APPROVERS: '' } });
  onTestFinished(system.stop);
  return system;
}

const told = ({ world }: System) => world.pagerduty.events().map(({ key, action }) => `${action} ${key}`);

test('while Slack cannot be reached somebody is called all the same, and once, whatever becomes of the bot', async () => {
  const system = await start();
  const { world } = system;
  world.slack.faults.inject({ kind: 'api-down', forMs: 600_000 });
  addVictim(world, { name: 'checkout', kills: 1 });

  await eventually(() => expect(told(system)).toHaveLength(1));
  await eventually(() => expect(world.alertmanager.firing()).toMatchObject([{ labels: { workload: 'checkout' } }]));
  expect(threadsOf(world)).toEqual([]);

  world.slack.faults.clear();
  await system.crash('bot');
  addVictim(world, { name: 'ledger', kills: 1 });
  await eventually(() => expect(told(system)).toHaveLength(2));
  await eventually(() => expect(threadAbout(world, 'checkout').verdict).not.toBe(''));
  // Told beside PagerDuty, in a call of its own.
  await eventually(() => expect(world.alertmanager.firing()).toHaveLength(2));

  const [first, second] = world.pagerduty.events().map(({ key }) => key);
  expect(told(system)).toEqual([`trigger ${first}`, `trigger ${second}`]);
  expect(world.pagerduty.alerts().map(({ status }) => status)).toEqual(['triggered', 'triggered']);
});

test('a PagerDuty that is down delays no thread, and is told when it is back', async () => {
  const system = await start();
  const { world } = system;
  world.pagerduty.fail(503, 2);
  addVictim(world, { name: 'checkout', kills: 1 });

  await eventually(() => expect(threadAbout(world, 'checkout').verdict).not.toBe(''));
  await eventually(() => expect(told(system)).toHaveLength(1));

  expect(world.pagerduty.answers()).toEqual([503, 503, 202]);
  expect(await system.said()).not.toContain(world.pagerduty.routingKey);
});
