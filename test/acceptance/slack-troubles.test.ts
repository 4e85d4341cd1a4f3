import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { startSystem } from '../system.ts';
import { click, personNamed } from './people.ts';
import { beginStory, stepMs } from './story.ts';
import { allWords, doubleReplies, threadAbout, threadsOf, toldTo } from './threads.ts';
import { addVictim } from './victims.ts';
import { writesOf } from './writes.ts';

const patience = { timeout: stepMs, interval: 50 };
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
    await vi.waitFor(() => expect(faults.list().find(({ id }) => id === cut.id)?.remaining).toBe(0), patience);
    expect(faults.list().find(({ id }) => id === cut.id)?.fired).toBeGreaterThan(0);

    faults.inject({ kind: 'api-down', forMs: 4_000 });
    await click(world, thread(), { user: sam, actionId: 'apply' });
    addVictim(world, { name: 'meanwhile', kills: 1 });
    const approve = await withButton('approve');
    await click(world, approve, { user: amira, actionId: 'approve' });
    await vi.waitFor(() => expect(allWords(thread().root)).toMatch(/Applying|Applied|Held/), patience);
    faults.inject({ kind: 'api-down', forMs: 4_000 });
    await click(world, thread(), { user: amira, actionId: 'approve', stale: true });

    await vi.waitFor(() => expect(allWords(thread().root)).toMatch(/Held/), patience);
    await vi.waitFor(() => expect(threadAbout(world, 'meanwhile').kills).toBe(1), patience);
    await vi.waitFor(() => expect(toldTo(world, sam)).toHaveLength(1), patience);
    await vi.waitFor(() => expect(toldTo(world, amira)).toHaveLength(1), patience);
    // What would come twice would come now.
    await delay(1_500);
    expect(toldTo(world, sam)).toMatchObject([{ text: expect.stringContaining('asked for it') }]);
    expect(toldTo(world, amira)).toMatchObject([{ text: expect.stringMatching(/approved|once/) }]);
    expect(writesOf(world)).toHaveLength(1);
    expect(threadsOf(world)).toHaveLength(2);
    for (const one of threadsOf(world)) expect(doubleReplies(one)).toEqual([]);
    expect(thread().replies.filter(({ text }) => / approved /.test(text))).toHaveLength(1);
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

    const back = system.crashRedis(5_000);
    await delay(500);
    addVictim(world, { name: 'meanwhile', kills: 1 });
    await click(world, ready, { user: lena, actionId: 'acknowledge' });
    await vi.waitFor(() => expect(toldTo(world, lena)).toHaveLength(1), patience);
    const told = toldTo(world, lena)[0]?.text;
    await back;
    await click(world, thread(), { user: amira, actionId: 'apply', stale: true });

    await vi.waitFor(() => expect(allWords(thread().root)).toMatch(/Held/), patience);
    await vi.waitFor(() => expect(threadAbout(world, 'meanwhile').kills).toBe(1), patience);
    expect(told).toMatch(/Please try again in a minute/);
    expect(allWords(thread().root)).not.toContain('acknowledged by');
    expect(writesOf(world)).toHaveLength(1);
    for (const one of threadsOf(world)) expect(doubleReplies(one)).toEqual([]);
    expect(system.complaints).toEqual([]);
  });
});
