import { afterAll, expect, test } from 'vitest';
import { startWorld } from '../../sandbox/world.ts';
import type { World } from '../../sandbox/world.ts';
import { startSystem } from '../system.ts';
import type { System } from '../system.ts';
import { ask, click, clickablesOf, personNamed } from './people.ts';
import { allWords, threadsOf } from './threads.ts';
import type { Thread } from './threads.ts';
import { addVictim, clusterOf } from './victims.ts';
import { writesOf } from './writes.ts';
import { eventually } from '../eventually.ts';
import { beforeAllLong } from '../long.ts';

/*
 * Two API servers, a watcher and a worker for each, and one bot in one Slack workspace. What runs in them has the same
 * names, as staging and production have.
 */
let system: System;
let other: World;
beforeAllLong(async () => {
  const complaints: string[] = [];
  other = await startWorld({
    speed: 20,
    seed: 2,
    port: 0,
    withPage: false,
    slack: { limits: 'off' },
    log: (message) => complaints.push(message),
  });
  const { kubeconfig, prometheusUrl } = other.addresses;
  const secondCluster = {
    OOMKEEPER_CLUSTER: 'other',
    KUBECONFIG: kubeconfig,
    OOMKEEPER_PROMETHEUS_URL: prometheusUrl,
  };
  system = await startSystem({
    settings: { OOMKEEPER_MODE: 'act', OOMKEEPER_CLUSTER: 'test' },
    only: (_, { isExtra }) => Promise.resolve(isExtra ? secondCluster : {}),
  });
  await Promise.all([system.beside('watcher'), system.beside('worker')]);
});

afterAll(async () => {
  await system?.stop();
  await other?.close();
});

/** The thread about `web` in one of the clusters. */
function threadIn(cluster: string): Thread {
  const found = threadsOf(system.world).filter(({ subject }) => subject === `${cluster}/shop/Deployment/web/app`);
  const [thread] = found;
  if (thread === undefined || found.length > 1) throw new Error(`${cluster} has ${found.length} threads about web`);
  return thread;
}

test('a workload of the same name in two clusters has a thread for each, with the kills of its own', async () => {
  const { world } = system;
  addVictim(world, { name: 'web', kills: 2 });
  addVictim(other, { name: 'web', kills: 3, keepsRunning: true });

  await eventually(() => expect(['test', 'other'].map((cluster) => threadIn(cluster).kills)).toEqual([2, 3]));
  expect(threadsOf(world)).toHaveLength(2);
  expect(allWords(threadIn('other').root)).toContain('cluster other');
  expect(allWords(threadIn('test').root)).not.toContain('cluster other');
});

test('who is asked about one cluster says nothing of the other', async () => {
  const { world } = system;
  const user = personNamed(world, 'sam');
  addVictim(world, { name: 'only-here', kills: 1 });
  addVictim(other, { name: 'only-there', kills: 1 });
  await eventually(() => expect(threadsOf(world)).toHaveLength(4));

  const answers = await eventually(async () => {
    const said = [await ask(world, user, '/oom top test'), await ask(world, user, '/oom top other')];
    expect(said.join('\n')).toMatch(/only-here[^]*only-there/);
    return said;
  });

  const both = await ask(world, user, '/oom top');
  expect(answers[0]).not.toContain('only-there');
  expect(answers[1]).not.toContain('only-here');
  expect(both).toContain('test/shop/');
  expect(both).toContain('other/shop/');
});

test('what is approved in one thread is done in its cluster alone', async () => {
  const { world } = system;
  const user = personNamed(world, 'amira');
  const web = { namespace: 'shop', kind: 'Deployment', name: 'web' };
  const isRunning = (): boolean =>
    clusterOf(other)
      .standings(web, 'app')
      .some(({ pod }) => clusterOf(other).kubelet.usageBytes('shop', pod, 'app') !== null);
  const asked = await eventually(() => {
    const thread = threadIn('other');
    expect(clickablesOf(thread.root).map(({ actionId }) => actionId)).toContain('apply');
    return thread;
  });

  // In a back-off a resize does nothing, and the workload would be changed after it.
  await eventually(() => expect(isRunning()).toBe(true));
  await click(world, asked, { user, actionId: 'apply' });
  await eventually(() => expect(allWords(threadIn('other').root)).toMatch(/Applied|Held/));

  expect(writesOf(other).map(({ status, path }) => `${status} ${path.split('?')[0]}`)).toEqual([
    expect.stringMatching(/^200 \/api\/v1\/namespaces\/shop\/pods\/web-[^/]+\/resize$/),
  ]);
  expect(writesOf(world)).toEqual([]);
  expect(system.complaints).toEqual([]);
});
