import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { startSystem } from '../system.ts';
import { click, personNamed } from './people.ts';
import { beginStory } from './story.ts';
import { allWords, doubleReplies, threadAbout, threadsOf, toldTo } from './threads.ts';
import { addVictim } from './victims.ts';
import { writesOf } from './writes.ts';
import { eventually } from '../eventually.ts';
import { skipUnlessLongIsWanted } from '../long.ts';

skipUnlessLongIsWanted();

const settings = { OOMKEEPER_MODE: 'act' };

// At the same time: most of it is waiting.
describe.concurrent('a story', () => {
  test('with every delivery doubled, and Slack out of reach in the middle, is told once and answers whoever clicked', async ({
    onTestFinished,
  }) => {
    const system = await startSystem({ settings });
    onTestFinished(system.stop);
    const { world } = system;
    const { faults } = world.slack;
    const [amira, sam] = [personNamed(world, 'amira'), personNamed(world, 'sam')];
    faults.inject({ kind: 'duplicate-delivery', standing: true });
    // What Slack has done and not answered must be found, not done again.
    const cut = faults.inject({ kind: 'cut-after-work', forMs: 6_000 });
    const { thread, withButton } = await beginStory(world, 'refused-then-approved');
    await withButton('apply');
    await eventually(() => expect(faults.list().find(({ id }) => id === cut.id)?.remaining).toBe(0));
    expect(faults.list().find(({ id }) => id === cut.id)?.fired).toBeGreaterThan(0);

    faults.inject({ kind: 'api-down', forMs: 4_000 });
    await click(world, thread(), { user: sam, actionId: 'apply' });
    addVictim(world, { name: 'meanwhile', kills: 1 });
    const approve = await withButton('approve');
    await click(world, approve, { user: amira, actionId: 'approve' });
    await eventually(() => expect(allWords(thread().root)).toMatch(/Applying|Applied|Held/));
    faults.inject({ kind: 'api-down', forMs: 4_000 });
    await click(world, thread(), { user: amira, actionId: 'approve', stale: true });

    await eventually(() => expect(allWords(thread().root)).toMatch(/Held/));
    await eventually(() => expect(threadAbout(world, 'meanwhile').kills).toBe(1));
    await eventually(() => expect(toldTo(world, sam)).toHaveLength(1));
    await eventually(() => expect(toldTo(world, amira)).toHaveLength(1));
    const approvals = (): readonly unknown[] => thread().replies.filter(({ text }) => / approved /.test(text));
    // After an outage the root is up to date before its thread is.
    await eventually(() => expect(approvals()).toHaveLength(1));
    // What would come twice would come now.
    await delay(1_500);
    expect(toldTo(world, sam)).toMatchObject([{ text: expect.stringContaining('so I asked in the thread') }]);
    expect(toldTo(world, amira)).toMatchObject([{ text: expect.stringMatching(/approved|once/) }]);
    expect(writesOf(world)).toHaveLength(1);
    expect(threadsOf(world)).toHaveLength(2);
    for (const one of threadsOf(world)) expect(doubleReplies(one)).toEqual([]);
    expect(approvals()).toHaveLength(1);
    expect(system.complaints).toEqual([]);
  });

  test('with Redis away for some seconds tells who clicks to try again, and loses nothing', async ({
    onTestFinished,
  }) => {
    const system = await startSystem({ settings });
    onTestFinished(system.stop);
    const { world } = system;
    const [amira, lena] = [personNamed(world, 'amira'), personNamed(world, 'lena')];
    const { thread, withButton } = await beginStory(world, 'refused-then-approved');
    const ready = await withButton('apply');

    // So long that the click has failed by then on any machine: a command to Redis is waited for five seconds.
    const back = system.crashRedis(10_000);
    await delay(500);
    addVictim(world, { name: 'meanwhile', kills: 1 });
    await click(world, ready, { user: lena, actionId: 'acknowledge' });
    await eventually(() => expect(toldTo(world, lena)).toHaveLength(1));
    const told = toldTo(world, lena)[0]?.text;
    await back;
    await click(world, thread(), { user: amira, actionId: 'apply', stale: true });

    await eventually(() => expect(allWords(thread().root)).toMatch(/Held/));
    await eventually(() => expect(threadAbout(world, 'meanwhile').kills).toBe(1));
    expect(told).toMatch(/Please try again in a minute/);
    expect(allWords(thread().root)).not.toContain('is on it');
    expect(writesOf(world)).toHaveLength(1);
    for (const one of threadsOf(world)) expect(doubleReplies(one)).toEqual([]);
    expect(system.complaints).toEqual([]);
  });
});
