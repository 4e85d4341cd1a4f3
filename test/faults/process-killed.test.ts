import { connect } from 'node:net';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { click, personNamed } from '../acceptance/people.ts';
import { beginStory, stepMs } from '../acceptance/story.ts';
import { allWords, threadsOf } from '../acceptance/threads.ts';
import { writesOf } from '../acceptance/writes.ts';
import { startSystem } from '../system.ts';
import { expectExactlyTheTruth, faultCount, faultSettings, fiftyIncidents } from './fifty-incidents.ts';

// At the same time: most of a run is waiting.
describe.concurrent('of 50 incidents none is lost, double or miscounted', () => {
  test('while the watcher is killed five times (seed 11)', async ({ onTestFinished }) => {
    const system = await startSystem(faultSettings);
    onTestFinished(system.stop);

    const { injected } = await fiftyIncidents(system, 11, async (random) => {
      await delay(random() * 300);
      await system.crash('watcher');
    });

    await expectExactlyTheTruth(system);
    expect(injected).toBe(faultCount);
  });

  test('while the worker is killed five times, now and then between a kill and the end of its job (seed 12)', async ({
    onTestFinished,
  }) => {
    const system = await startSystem(faultSettings);
    onTestFinished(system.stop);
    let inBetween = 0;

    const { injected } = await fiftyIncidents(system, 12, async (random) => {
      if (random() < 0.5) {
        await delay(random() * 300);
        await system.crash('worker');
        return;
      }
      await atTheNextAdmission(system.redisUrl, () => system.crash('worker'));
      inBetween += 1;
    });

    await expectExactlyTheTruth(system);
    expect(injected).toBe(faultCount);
    expect(inBetween).toBeGreaterThan(0);
  });

  test('while the bot is killed five times, now and then between a message and its answer (seed 13)', async ({
    onTestFinished,
  }) => {
    const system = await startSystem(faultSettings);
    onTestFinished(system.stop);
    let inBetween = 0;

    const { injected } = await fiftyIncidents(system, 13, async (random) => {
      if (random() < 0.5) {
        await delay(random() * 300);
        await system.crash('bot');
        return;
      }
      await atTheNextRoot(system.world, () => system.crash('bot'));
      inBetween += 1;
    });

    await expectExactlyTheTruth(system);
    expect(injected).toBe(faultCount);
    expect(inBetween).toBeGreaterThan(0);
  });
});

// Beside the others, for the same reason.
describe.concurrent('in mode act', () => {
  test('a plan is carried out once although the worker dies as soon as the cluster has its write, again and again', async ({
    onTestFinished,
  }) => {
    const system = await startSystem({ world: { speed: 60 }, settings: { OOMKEEPER_MODE: 'act' } });
    onTestFinished(system.stop);
    const { world } = system;
    const amira = personNamed(world, 'amira');
    const names = ['checkout', 'catalog', 'basket'];
    const stories = await Promise.all(names.map((name) => beginStory(world, 'limit-too-low', name)));
    const threads = await Promise.all(stories.map(({ withButton }) => withButton('apply')));

    for (const thread of threads) {
      const struck = afterTheNextWrite(world, () => system.crash('worker'));
      await click(world, thread, { user: amira, actionId: 'apply', stale: true });
      await struck;
    }

    await vi.waitFor(
      () => {
        for (const { thread } of stories) expect(allWords(thread().root)).toMatch(/Held/);
      },
      { timeout: stepMs, interval: 100 },
    );
    // A conflict changed nothing: somebody wrote the pod's status between a look and a write, and it was looked at again.
    const carriedOut = writesOf(world)
      .filter(({ status }) => status !== 409)
      .map(({ method, path, status }) => `${status} ${method} ${path.split('?')[0]}`);
    const pods = carriedOut.map((write) => /^200 PATCH .*\/pods\/([a-z]+)-[^/]*\/resize$/.exec(write)?.[1] ?? write);
    expect(pods.toSorted()).toEqual(names.toSorted());
  });
});

/** Acts as soon as Redis has taken a kill into its ledger: the job that brought it is not over yet. */
function atTheNextAdmission(redisUrl: string, act: () => Promise<void>): Promise<void> {
  const { hostname, port } = new URL(redisUrl);
  const socket = connect(Number(port), hostname);
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('data', (commands) => {
      if (!/"eval(sha)?" .*:ledger" .*"kill"/i.test(commands.toString())) return;
      socket.destroy();
      act().then(resolve, reject);
    });
    socket.write('MONITOR\r\n');
  });
}

/**
 * Acts when Slack has accepted a root and has not answered yet: the worst moment to die. NOTE: `act` is called in the
 * middle of the simulator's work; what waits for a promise would be too late.
 */
function atTheNextRoot(world: World, act: () => Promise<void>): Promise<void> {
  const before = threadsOf(world).length;
  return new Promise((resolve, reject) => {
    const stop = world.slack.control.subscribe(() => {
      if (threadsOf(world).length <= before) return;
      stop();
      act().then(resolve, reject);
    });
  });
}

/** NOTE: looks at every turn of the event loop, so that hardly more than the answer's first bytes are on their way. */
async function afterTheNextWrite(world: World, act: () => Promise<void>): Promise<void> {
  const before = writesOf(world).length;
  while (writesOf(world).length <= before) await turn();
  await act();
}
