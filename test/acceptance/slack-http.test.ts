import { afterAll, expect, test } from 'vitest';
import { observeOutcome } from '../../sandbox/play/observe-outcome.ts';
import { startSystem } from '../system.ts';
import type { System } from '../system.ts';
import { ask, click, clickablesOf, personNamed } from './people.ts';
import { beginStory } from './story.ts';
import { allWords, doubleReplies, threadsOf, toldTo } from './threads.ts';
import { clusterOf } from './victims.ts';
import { writesOf } from './writes.ts';
import { eventually } from '../eventually.ts';
import { beforeAllLong } from '../long.ts';

/*
 * The three processes where Slack calls us: a signing secret and no app token.
 */
let system: System;
beforeAllLong(async () => {
  system = await startSystem({
    settings: { OOMKEEPER_MODE: 'act', SLACK_APP_TOKEN: '' },
    only: async (name, { world }): Promise<Record<string, string>> =>
      name === 'bot' ? { SLACK_SIGNING_SECRET: world.slack.signingSecret } : {},
  });
  system.world.slack.control.setDelivery({ mode: 'http', url: await slackUrl() });
});
afterAll(async () => system?.stop());

/** Where the bot says that it hears Slack. */
async function slackUrl(): Promise<string> {
  return eventually(async () => {
    const port = /"port":(\d+),"paths":\["\/slack\/events"/.exec(await system.said())?.[1];
    if (port === undefined) throw new Error('the bot does not say where it hears');
    return `http://127.0.0.1:${port}/slack/events`;
  });
}

test('a kill is told, a value of an approver’s own is applied, and the thread says that it held', async () => {
  const { world } = system;
  const { control } = world.slack;
  const amira = personNamed(world, 'amira');
  const { scenario, thread, withButton } = await beginStory(world, 'limit-too-low');
  await click(world, await withButton('edit'), { user: amira, actionId: 'edit' });
  const dialog = (): string => JSON.stringify(control.state()['modals']);
  await eventually(() => expect(dialog()).toMatch(/What \d+Mi would mean/));

  const wrong = await control.viewSubmit({ user: amira, values: { limit: '10Mi' } });
  const right = await control.viewSubmit({ user: amira, values: { limit: '320Mi' } });

  await eventually(() => expect(allWords(thread().root)).toMatch(/Held/));
  expect(wrong).toMatchObject({ ok: true, became: { action: 'errors' } });
  expect(right).toMatchObject({ ok: true, became: { action: 'closed' } });
  expect(allWords(thread().root)).toContain('320Mi');
  expect(writesOf(world)).toHaveLength(1);
  expect(observeOutcome(clusterOf(world), scenario)).toMatchObject({ verified: 'held' });
  expect(threadsOf(world)).toHaveLength(1);
  expect(doubleReplies(thread())).toEqual([]);
  expect(thread().replies.some(({ blocks }) => JSON.stringify(blocks).includes('"slack_file"'))).toBe(true);
});

test('commands are answered, and the log of the killed run is put into the thread', async () => {
  const { world } = system;
  const sam = personNamed(world, 'sam');
  const { thread, withButton } = await beginStory(world, 'limit-too-low', 'basket');
  await withButton('apply');
  const logs = clickablesOf(thread().root).find(({ label }) => label === 'Logs');

  await click(world, thread(), { user: sam, actionId: 'menu', ...(logs?.value ? { value: logs.value } : {}) });

  await eventually(() => expect(toldTo(world, sam).at(-1)?.text).toMatch(/log is in the thread/));
  await eventually(() => expect(thread().replies.flatMap(({ files }) => [...files])).toHaveLength(1));
  expect(await ask(world, sam, '/oom list')).toContain(thread().incident);
});

test('what is not signed by Slack, or replayed, changes nothing', async () => {
  const { world } = system;
  const { control, faults } = world.slack;
  const amira = personNamed(world, 'amira');
  const { thread, withButton } = await beginStory(world, 'limit-too-low', 'cart');
  const place = { user: amira, channel: (await withButton('apply')).channel, ts: thread().ts };
  const before = writesOf(world).length;

  faults.inject({ kind: 'wrong-signature' });
  const forged = await control.click({ ...place, actionId: 'apply' });
  faults.inject({ kind: 'stale-timestamp' });
  const stale = await control.click({ ...place, actionId: 'apply' });
  const acknowledged = await control.click({ ...place, actionId: 'acknowledge' });
  const replayed = await control.http.replay();

  await eventually(() => expect(allWords(thread().root)).toContain(`<@${amira}> is on it`));
  const told = (): readonly unknown[] =>
    thread().replies.filter(({ text }) => text.includes('acknowledged this incident'));
  await eventually(() => expect(told()).toHaveLength(1));
  expect([forged, stale]).toMatchObject([
    { ok: false, error: 'http_service_error' },
    { ok: false, error: 'http_service_error' },
  ]);
  expect(acknowledged).toMatchObject({ ok: true });
  expect(replayed).toMatchObject({ status: 200 });
  expect(told()).toHaveLength(1);
  expect(writesOf(world)).toHaveLength(before);
});

test('no secret is written, and nothing was asked that the simulators do not know', async () => {
  const said = await system.said();

  expect(said).not.toContain(system.world.slack.signingSecret);
  expect(system.complaints).toEqual([]);
});
