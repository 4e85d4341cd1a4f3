import { afterAll, beforeAll, expect, test } from 'vitest';
import { observeOutcome } from '../../sandbox/play/observe-outcome.ts';
import { processNames } from '../../scripts/system.ts';
import { startSystem } from '../system.ts';
import type { System } from '../system.ts';
import { ask, buttonValueIn, click, clickablesOf, homeOf, personNamed, reject } from './people.ts';
import { beginStory } from './story.ts';
import { allWords, toldTo } from './threads.ts';
import { clusterOf } from './victims.ts';
import { writesOf } from './writes.ts';
import { eventually } from '../eventually.ts';

const redisPassword = 'hunter2-of-redis';

/** A secret that stands in what would be written, so that it shows whether secrets are hidden. */
const writtenOften = 'incident changed';

let system: System;
beforeAll(async () => {
  system = await startSystem({
    redisPassword,
    world: { speed: 60 },
    settings: { OOMKEEPER_MODE: 'act', OOMKEEPER_LOG_LEVEL: 'trace', OOMKEEPER_ALERTMANAGER_SECRET: writtenOften },
  });
});
afterAll(async () => system?.stop());

test('who may not approve can only ask; an approver is obeyed, once, and the thread says that it held', async () => {
  const { world } = system;
  const [amira, sam] = [personNamed(world, 'amira'), personNamed(world, 'sam')];
  const { scenario, thread, withButton } = await beginStory(world, 'refused-then-approved');

  await click(world, await withButton('apply'), { user: sam, actionId: 'apply' });
  const asked = await withButton('approve');
  await eventually(() => expect(toldTo(world, sam).at(-1)?.text).toMatch(/so I asked in the thread/));
  await click(world, asked, { user: sam, actionId: 'approve' });
  await eventually(() => expect(toldTo(world, sam).at(-1)?.text).toMatch(/^Only .* can approve this/));
  const before = writesOf(world);
  const many = [1, 2, 3].map(() => click(world, thread(), { user: amira, actionId: 'approve', stale: true }));
  await Promise.all(many);

  await eventually(() => expect(allWords(thread().root)).toMatch(/Held/));
  expect(allWords(thread().root)).not.toMatch(/\.\. |\.\.\n/);
  expect(before).toEqual([]);
  expect(writesOf(world).map(({ method, path }) => `${method} ${path.split('?')[0]}`)).toEqual([
    expect.stringMatching(/^PATCH \/api\/v1\/namespaces\/billing\/pods\/ledger-0\/resize$/),
  ]);
  expect(observeOutcome(clusterOf(world), scenario).verified).toBe('held');
  await eventually(() => expect(toldTo(world, amira).filter(({ text }) => /approved/.test(text)).length).toBe(2));
  expect(clickablesOf(thread().root).map(({ actionId }) => actionId)).not.toContain('approve');
});

test('a click on a button that is gone is answered with what happened meanwhile', async () => {
  const { world } = system;
  const [amira, lena] = [personNamed(world, 'amira'), personNamed(world, 'lena')];
  const { thread, withButton } = await beginStory(world, 'refused-then-approved', 'tariffs');
  const told = (): readonly string[] => toldTo(world, lena).map(({ text }) => text);
  const offered = await withButton('apply');
  const value = buttonValueIn(offered.root, 'apply');
  await click(world, offered, { user: lena, actionId: 'apply' });
  await eventually(() => expect(told()).toEqual([expect.stringContaining('so I asked in the thread')]));
  await reject(world, await withButton('reject'), amira, '');
  await eventually(() => expect(allWords(thread().root)).toMatch(/Rejected/));

  for (const actionId of ['apply', 'approve', 'reject']) {
    const before = told().length;
    // What was rejected is offered again within a moment, by a new button of the same name.
    const gone = actionId === 'apply' ? { value } : {};
    await click(world, thread(), { user: lena, actionId, stale: true, ...gone });
    await eventually(() => expect(told().slice(before)).toEqual([expect.stringContaining('rejected')]));
  }

  expect(writesOf(world).filter(({ path }) => path.includes('tariffs'))).toEqual([]);
});

test('what was rejected is offered again, with who and why in the root, and applied is undone by one click', async () => {
  const { world } = system;
  const [amira, sam] = [personNamed(world, 'amira'), personNamed(world, 'sam')];
  const { scenario, thread, withButton } = await beginStory(world, 'undone', 'vouchers');
  const limit = (): readonly (number | null)[] => observeOutcome(clusterOf(world), scenario).limitsInForce;
  const writes = (): number => writesOf(world).filter(({ path }) => path.includes('vouchers')).length;

  await click(world, await withButton('apply'), { user: sam, actionId: 'apply' });
  await reject(world, await withButton('reject'), amira, 'not before the release');
  await eventually(() => expect(allWords(thread().root)).toMatch(/Rejected.*not before the release.*offered below/s));
  const applying = await withButton('apply');
  await click(world, applying, { user: amira, actionId: 'apply' });
  const applied = await withButton('undo');
  await eventually(() => expect(limit()).not.toEqual([scenario.workload.limit]));
  const temporary = allWords(thread().root);
  await click(world, applied, { user: sam, actionId: 'undo' });
  await click(world, await withButton('approve'), { user: amira, actionId: 'approve' });

  await eventually(() => expect(allWords(thread().root)).toMatch(/Undone/));
  expect(temporary).toContain('Temporary');
  expect(limit()).toEqual([scenario.workload.limit]);
  expect(writes()).toBe(2);
  await click(world, thread(), { user: amira, actionId: 'undo', stale: true });
  await eventually(() => expect(toldTo(world, amira).at(-1)?.text).toMatch(/undone since/));
  expect(writes()).toBe(2);
});

test('an approver finds in the Home tab what waits, approves there, and reads there what became of it', async () => {
  const { world } = system;
  const { control } = world.slack;
  const [amira, sam] = [personNamed(world, 'amira'), personNamed(world, 'sam')];
  const { thread, withButton } = await beginStory(world, 'refused-then-approved', 'payouts');
  await click(world, await withButton('apply'), { user: sam, actionId: 'apply' });
  await withButton('approve');

  for (const user of [amira, sam]) expect(await control.homeOpen(user)).toMatchObject({ ok: true });
  await eventually(() => expect(homeOf(world, amira).words).toMatch(/Waiting for your approval \(1\)/));
  await eventually(() => expect(homeOf(world, sam).words).toContain('Nothing is waiting for your approval'));
  const decide = homeOf(world, amira).blockIds.find((id) => id.includes(thread().incident));
  expect(await control.homeAct({ user: amira, actionId: 'approve', blockId: decide })).toMatchObject({ ok: true });

  await eventually(() =>
    expect(homeOf(world, amira).words).toMatch(/payouts: approved limit \S+\. It (is being|was) applied/),
  );
  await eventually(() => expect(homeOf(world, amira).words).toContain('Nothing is waiting for your approval'));
  await eventually(() => expect(allWords(thread().root)).toMatch(/Held/));
  await eventually(() => expect(homeOf(world, amira).words).toMatch(/Held\* payouts/));
});

test('commands list, explain, help, understand typing errors and unknown incidents', async () => {
  const { world } = system;
  const lena = personNamed(world, 'lena');
  const { thread, withButton } = await beginStory(world, 'refused-then-approved', 'quotes');
  await withButton('apply');
  const { incident } = thread();

  expect(await ask(world, lena, '/oom list')).toContain(incident);
  expect(await ask(world, lena, '/oom list billing')).toContain(incident);
  expect(await ask(world, lena, '/oom list elsewhere')).not.toContain(incident);
  expect(await ask(world, lena, `/oom why ${incident}`)).toMatch(/Evidence/);
  expect(await ask(world, lena, `/oom why ${incident.toLowerCase()}`)).toContain(incident);
  expect(await ask(world, lena, '/oom help')).toMatch(/\/oom list.*\/oom why/s);
  expect(await ask(world, lena, '/oom hlep')).toMatch(/Did you mean .*\/oom help/);
  expect(await ask(world, lena, '/oom why INC-0000')).toMatch(/I know no incident INC-0000/);
  expect(await ask(world, lena, '/oom why')).toMatch(/Which one/);
});

test('a pause is told to the channel, stands beside the buttons, and is gone after the resume', async () => {
  const { world } = system;
  const [amira, sam] = [personNamed(world, 'amira'), personNamed(world, 'sam')];
  const { thread, withButton } = await beginStory(world, 'refused-then-approved', 'returns');
  await withButton('apply');
  const channelSays = (): string =>
    world.slack.store
      .timeline(thread().channel)
      .map((one) => allWords(one))
      .join('\n');

  await ask(world, sam, '/oom pause release freeze');
  await eventually(() => expect(channelSays()).toContain(`are paused* by <@${sam}>: release freeze`));
  await eventually(() => expect(allWords(thread().root)).toMatch(/are paused\*.*release freeze/));
  await ask(world, amira, '/oom resume');

  await eventually(() => expect(channelSays()).toContain(`go on*: <@${amira}> ended the pause`));
  await eventually(() => expect(allWords(thread().root)).not.toContain('are paused'));
});

test('an action that nobody knows is answered', async () => {
  const { world } = system;
  const sam = personNamed(world, 'sam');
  const { slack } = world;
  const [channel] = slack.store.channels();
  const button = { type: 'button', action_id: 'explode', text: { type: 'plain_text', text: 'Explode' } };
  const blocks = [{ type: 'actions', block_id: 'b', elements: [button] }];
  const message = slack.store.post({
    channel: channel?.id ?? '',
    user: slack.workspace.bot.userId,
    text: 'from another version',
    blocks,
  });

  const answer = await slack.control.click({
    user: sam,
    channel: message.channel,
    ts: message.ts,
    actionId: 'explode',
  });

  expect(answer.ok).toBe(true);
  await eventually(() => expect(toldTo(world, sam).at(-1)?.text).toMatch(/do not know this button/));
});

test('each process tells its health, readiness and metrics', async () => {
  for (const name of processNames) {
    const { opsUrl } = system.process(name);

    // On a busy machine a check may be late, which counts as a problem for that look.
    await eventually(async () => {
      const [health, ready, metrics] = await Promise.all(
        ['/healthz', '/readyz', '/metrics'].map((path) => fetch(`${opsUrl}${path}`)),
      );

      expect([health?.status, ready?.status, metrics?.status]).toEqual([200, 200, 200]);
      expect(await ready?.json()).toMatchObject({ ok: true, checks: { redis: 'ok' } });
      expect(await metrics?.text()).toMatch(/^oomkeeper_\w+(\{.*\})? \d/m);
    });
  }
});

test('no secret stands in what the processes write, even at the most talkative', async () => {
  const { world } = system;

  const said = await system.said();

  expect(said).toContain('request decided');
  expect(said).toContain('"msg":"[secret]"');
  for (const secret of [
    writtenOften,
    redisPassword,
    world.slack.botToken,
    world.slack.appToken,
    world.api.adminToken,
  ]) {
    expect(said.includes(secret), `${secret.slice(0, 5)}… is written`).toBe(false);
  }
});

test('nothing was asked of Slack, Prometheus or the cluster that they do not know', () => {
  expect(system.complaints).toEqual([]);
});
