import { describe, expect, test } from 'vitest';
import { admitKill } from '../../../src/flow/admit.ts';
import { firstTrigger } from '../../../src/core/incident/triggers.ts';
import { renderRoot } from '../../../src/adapters/slack/blocks/root.ts';
import { hour, useWorlds, type WorkerWorld } from './worker-world.ts';
import { openAhead } from './ahead-world.ts';

const worlds = useWorlds();

/** Reaches the limit 100 minutes after the start. */
const leak = (minutes: number): number => 0.4 + minutes * 0.006;

async function onlyIncident(world: WorkerWorld): Promise<string> {
  const [one, ...more] = await world.store.open(10);
  if (!one || more.length > 0) throw new Error(`${more.length + 1} incidents are open`);
  return one.incident.id;
}

describe('ahead of a kill', () => {
  test('a leak opens one incident without a kill, once, and its root says when it reaches the limit', async () => {
    const world = await worlds.open();
    const ahead = await openAhead(world, leak);

    await ahead.watch(60);

    const id = await onlyIncident(world);
    const loaded = await world.load(id);
    expect(ahead.results.filter((result) => result === 'opened')).toHaveLength(1);
    expect(loaded.tally).toMatchObject({ count: 0, recent: [] });
    expect(loaded.incident.subject).toEqual({
      cluster: world.name,
      namespace: 'shop',
      workload: { kind: 'Deployment', name: 'checkout' },
      container: 'app',
    });
    expect(renderRoot(loaded).text).toMatch(
      /^On course to its limit checkout .*\nGrows 3 Mi\/min, reaches 500Mi at about /,
    );
    expect(world.hinted).toEqual([`show ${id}`, `advance ${id}`]);
  });

  test('the incident is explained, and nothing is said of a kill that has not been', async () => {
    const world = await worlds.open();
    await (await openAhead(world, leak)).watch(60);
    const id = await onlyIncident(world);

    await world.look(id);

    const { text } = renderRoot(await world.load(id));
    expect((await world.incident(id)).explained).not.toBeNull();
    expect(text).toContain('Kills: none yet, warned at');
    expect(text).not.toContain('before the kill');
  });

  test('the kill joins the incident of its warning, which is told aloud and explained anew', async () => {
    const world = await worlds.open();
    const ahead = await openAhead(world, leak);
    await ahead.watch(60);
    const id = await onlyIncident(world);
    await world.look(id);
    const kill = await ahead.killed();

    const admission = await admitKill(kill, world.needs);
    const atOnce = await world.load(id);
    world.pass(60_000);
    await world.look(id);

    expect(admission).toEqual({ is: 'joined', incident: id });
    expect(renderRoot(atOnce).text).toMatch(/^OOMKilled checkout /);
    const loaded = await world.load(id);
    expect(firstTrigger(loaded).fingerprint).toBe(kill.fingerprint);
    expect(loaded.incident.trigger.fingerprint).toBe(kill.fingerprint);
    expect(loaded.tally).toMatchObject({ count: 1, firstAt: Date.parse(kill.finishedAt ?? '') });
    expect(loaded.incident.explained?.kills).toBe(1);
    const told = (await world.entries(id)).filter(({ text }) => text.startsWith('The predicted OOM kill happened'));
    expect(told.map(({ broadcast }) => broadcast)).toEqual([true]);
    await ahead.watch(40);
    expect((await world.incident(id)).state).toEqual({ is: 'open' });
  });

  test('what stops growing is left after half an hour, its thread says so, and it is not warned of again that shift', async () => {
    const world = await worlds.open();
    const ahead = await openAhead(world, (minutes) => (minutes < 60 ? leak(minutes) : leak(60)));
    await ahead.watch(60);
    const id = await onlyIncident(world);

    await ahead.watch(60);

    const loaded = await world.load(id);
    expect(loaded.incident.state).toMatchObject({ is: 'closed', outcome: 'calmed' });
    expect((await world.thread(id)).at(-1)).toBe('Closed without a kill: its memory has stopped growing.');
    expect(renderRoot(loaded).text).toMatch(/^Calmed down, not killed checkout /);
    expect(await world.dueAt(id)).toBeNull();

    ahead.pod.share = (minutes) => leak(60) + Math.max(0, minutes - 120) * 0.004;
    await ahead.watch(35);
    expect(ahead.results).toContain('flapped');
    expect(await world.store.open(10)).toEqual([]);
  });

  test('a pod that is gone calms its incident, and the next pod of its workload is warned of', async () => {
    const world = await worlds.open();
    const ahead = await openAhead(world, leak);
    await ahead.watch(60);
    const id = await onlyIncident(world);
    ahead.pod.runs = false;

    await ahead.watch(31);

    expect((await world.thread(id)).at(-1)).toBe(
      'Closed without a kill: the container that was warned of no longer runs.',
    );
    const next = await openAhead(world, leak, 'b');
    await next.watch(60);
    expect(next.results).toContain('opened');
    expect((await world.incident(await onlyIncident(world))).previous).toBe(id);
  });

  test('a container that nobody measures any more is not said to be gone', async () => {
    const world = await worlds.open();
    const ahead = await openAhead(world, leak);
    await ahead.watch(60);
    const id = await onlyIncident(world);

    ahead.pod.isMeasured = false;
    await ahead.watch(40);

    expect((await world.incident(id)).state).toEqual({ is: 'open' });
  });

  test('a limit that was raised is why there is nothing to fear any more', async () => {
    const world = await worlds.open();
    const ahead = await openAhead(world, leak);
    await ahead.watch(60);
    const id = await onlyIncident(world);

    ahead.pod.resizedTo = 1_000;
    ahead.pod.share = () => 0.5;
    await ahead.watch(31);

    expect((await world.thread(id)).at(-1)).toBe('Closed without a kill: its limit was raised.');
  });

  test('a limit that was raised since the containers were listed is not warned of', async () => {
    const world = await worlds.open();
    const ahead = await openAhead(world, leak);
    ahead.pod.resizedTo = 1_000;

    await ahead.watch(60);

    expect(new Set(ahead.results)).toEqual(new Set(['gone']));
    expect(await world.store.open(10)).toEqual([]);
  });

  test('a garbage collector that goes up and down for hours is never warned of', async () => {
    const world = await worlds.open();
    const ahead = await openAhead(world, (minutes) => 0.45 + ((minutes % 12) / 12) * 0.45);

    await ahead.watch(180);

    expect(ahead.results).toEqual([]);
    expect(await world.store.open(10)).toEqual([]);
  });

  test('a worker that is started again neither warns twice nor closes early', async () => {
    const world = await worlds.open();
    const ahead = await openAhead(world, (minutes) => (minutes < 60 ? leak(minutes) : leak(60)));
    await ahead.watch(80);
    const id = await onlyIncident(world);

    ahead.restart();
    await ahead.watch(20);

    expect((await world.incident(id)).state).toEqual({ is: 'open' });
    expect(ahead.results.filter((result) => result === 'opened')).toHaveLength(1);
  });

  test('a subject whose incident is open is not warned of, and not closed without a kill', async () => {
    const world = await worlds.open();
    const ahead = await openAhead(world, leak);
    const id = await world.killed();

    await ahead.watch(90);

    expect(ahead.results.filter((result) => result !== 'open')).toEqual([]);
    expect(await onlyIncident(world)).toBe(id);
    expect((await world.load(id)).tally.count).toBe(1);
  });

  test('a kill that comes while its incident is being calmed keeps it open', async () => {
    const world = await worlds.open();
    const ahead = await openAhead(world, leak);
    await ahead.watch(60);
    const id = await onlyIncident(world);
    const kill = await ahead.killed();
    ahead.pod.runs = false;
    const { update } = world.store;
    let late: Promise<unknown> | null = null;
    const store = {
      ...world.store,
      update: async (...[incident, decide]: Parameters<typeof update>) => {
        const before = await world.load(incident);
        if (decide(before)?.incident.state.is === 'closed') late ??= admitKill(kill, world.needs);
        await late;
        return update(incident, decide);
      },
    };

    Object.assign(ahead.needs, { store });
    ahead.restart();
    await ahead.watch(31);

    expect(late).not.toBeNull();
    const { incident, tally } = await world.load(id);
    expect(tally.count).toBe(1);
    expect(incident.state).toEqual({ is: 'open' });
  });

  test('an incident that nobody calms closes as quiet after a day', async () => {
    const world = await worlds.open();
    await (await openAhead(world, leak)).watch(60);
    const id = await onlyIncident(world);
    await world.look(id);

    world.pass(24 * hour);
    await world.look(id);

    expect((await world.incident(id)).state).toMatchObject({ is: 'closed', outcome: 'quiet' });
  });
});
