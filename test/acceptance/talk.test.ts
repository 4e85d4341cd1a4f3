import { afterEach, describe, expect, test } from 'vitest';
import { startSystem } from '../system.ts';
import type { System, SystemOptions } from '../system.ts';
import { ask, personNamed } from './people.ts';
import { beginStory } from './story.ts';
import { allWords, threadAbout } from './threads.ts';
import { addVictim } from './victims.ts';
import { eventually } from '../eventually.ts';
import { skipUnlessLongIsWanted } from '../long.ts';

/*
 * What people ask in Slack, through all three processes: only the worker sees the cluster, only the bot talks.
 */
skipUnlessLongIsWanted();
let system: System | null = null;
const mebi = 2 ** 20;

afterEach(async () => {
  await system?.stop();
  system = null;
});

async function start(options: SystemOptions): Promise<System> {
  system = await startSystem(options);
  return system;
}

test('a Prometheus is found among the Services, and who is killed most is at the top', async () => {
  const { world, complaints } = await start({ settings: { OOMKEEPER_PROMETHEUS_URL: '' } });
  const story = await beginStory(world, 'limit-too-low');
  await eventually(() => expect(story.thread().verdict).not.toBe(''));

  const found = `Prometheus at ${world.addresses.prometheusUrl}, found as Service monitoring/prometheus-server`;
  const status = await eventually(async () => {
    const said = await ask(world, personNamed(world, 'sam'), '/oom status');
    expect(said).toContain(found);
    return said;
  });
  const top = await ask(world, personNamed(world, 'sam'), '/oom top test/shop');

  expect(status).toContain('1 open incident');
  expect(top).toContain(`shop/${story.scenario.workload.name}`);
  expect(top).toContain('killed lately');
  expect(top).toContain('found as Service monitoring/prometheus-server');
  expect(await ask(world, personNamed(world, 'sam'), '/oom top shpo')).toContain('Did you mean shop?');
  const debt = await ask(world, personNamed(world, 'sam'), '/oom debt shop test');
  expect(debt).toContain('the highest of the last 24 h, Prometheus at');
  expect(debt).not.toContain('Incomplete');
  const handoff = await ask(world, personNamed(world, 'sam'), '/oom handoff');
  expect(handoff).toContain('1 open');
  expect(handoff).toContain(story.scenario.workload.name);
  expect(complaints).toEqual([]);
});

describe('without a Prometheus', () => {
  test('usage is sampled, and the evidence says since when', async () => {
    const { world, complaints } = await start({
      world: { prometheus: false },
      settings: { OOMKEEPER_PROMETHEUS_URL: '', OOMKEEPER_SAMPLE_EVERY: '200ms' },
    });
    addVictim(world, {
      name: 'hungry',
      kills: 5,
      program: [
        { at: 0, bytes: 20 * mebi },
        { at: 60_000, bytes: 60 * mebi },
        { at: 80_000, bytes: 90 * mebi },
      ],
    });

    await eventually(async () => {
      const { incident } = threadAbout(world, 'hungry');
      expect(await ask(world, personNamed(world, 'sam'), `/oom why ${incident}`)).toContain(
        'sampled from metrics.k8s.io every 200ms since',
      );
    });

    // A round that the cluster answered too late is told instead, until the next one.
    await eventually(async () =>
      expect(await ask(world, personNamed(world, 'sam'), '/oom top')).toContain(
        'metrics.k8s.io, sampled every 200ms since',
      ),
    );
    expect(await ask(world, personNamed(world, 'sam'), '/oom status')).toContain(
      'no Prometheus was found (no Service looks like one',
    );
    expect(complaints).toEqual([]);
  });

  test('and without metrics.k8s.io it is said how to get usage', async () => {
    const { world } = await start({
      world: { prometheus: false, metrics: 'absent' },
      settings: { OOMKEEPER_PROMETHEUS_URL: 'off', OOMKEEPER_SAMPLE_EVERY: '200ms' },
    });
    const story = await beginStory(world, 'limit-too-low');

    await eventually(() => expect(allWords(story.thread().root)).toContain('OOMKilled'));

    const top = await ask(world, personNamed(world, 'sam'), '/oom top');
    expect(top).toContain('metrics.k8s.io is not served in this cluster; install metrics-server');
    expect(top).toContain(story.scenario.workload.name);
    expect(await ask(world, personNamed(world, 'sam'), '/oom status')).toContain('Prometheus is switched off');
  });
});
