import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { closeRedis, connectRedis } from '../../../src/adapters/redis/connection.ts';
import { slackKeys } from '../../../src/adapters/redis/keys.ts';
import { createHomes } from '../../../src/adapters/redis/slack/homes.ts';
import type { Incident, Remediation } from '../../../src/core/incident/incident.ts';
import type { Severity } from '../../../src/core/notify/severity.ts';
import { createHomeRefresh } from '../../../src/flow/home/refresh-homes.ts';
import { seedWorkspace } from '../../../sandbox/slack/workspace.ts';
import { answerEntry } from '../../../src/core/incident/entry.ts';
import { anExplanation, anImpact, aPlan, aRemediation, killedAt } from '../../fixtures/incidents.ts';
import { keepResult } from '../../fixtures/results.ts';
import { openTestRedis, type TestRedis, uniqueCluster } from '../../redis.ts';
import { eventually } from '../../eventually.ts';
import { type BotWorld, openBotWorld } from '../show/bot-world.ts';
import { dialogOf, personNamed, startTalking, type TalkingBot, type TalkingOptions } from './talking-bot.ts';

/* The Home tab: what waits for the reader, what is open, what held; approving there. */

let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

interface Visit {
  readonly world: BotWorld;
  readonly bot: TalkingBot;
  /** Opens the Home tab; its blocks as JSON. */
  readonly open: (user?: string) => Promise<string>;
  readonly shown: (user?: string) => string;
  /** As each second of a running bot, after a change. */
  readonly refresh: () => Promise<void>;
  readonly click: (actionId: string, value?: string) => Promise<void>;
}

type Options = Parameters<typeof openBotWorld>[1] & { readonly talking?: TalkingOptions };

async function visit({ talking = {}, ...options }: Options = {}): Promise<Visit> {
  const connection = connectRedis(redis.url, { role: 'store', onError: () => undefined });
  const own = uniqueCluster().toUpperCase().replaceAll('-', '');
  // Home tabs are kept by person, and other tests have the same people.
  const people = seedWorkspace().people.map((one) => ({ ...one, id: `U${own}${one.name.toUpperCase()}`.slice(0, 30) }));
  const onCall = { id: 'S0ONCALL', handle: 'oncall', name: 'On call', members: people.slice(0, 1).map(({ id }) => id) };
  const workspace = { people, groups: [onCall], ...options.workspace };
  const world = await openBotWorld(redis.url, { ...options, workspace });
  const homes = createHomes({ redis: connection });
  const bot = await startTalking(world, { ...talking, homes });
  onTestFinished(async () => {
    const ids = people.map(({ id }) => id);
    await connection.zrem(slackKeys.homes, 'nobody', ...ids);
    await connection.del(...ids.flatMap((id) => [slackKeys.home(id), slackKeys.homeClicks(id)]));
    await closeRedis(connection);
  });
  const mine = personNamed(world, 'amira');
  let busy = 0;
  const loop = createHomeRefresh({
    homes: { fresh: async () => (await homes.fresh()).filter((id) => id === mine) },
    show: async (user) => {
      const became = await bot.app.showHome(user);
      if (became === 'busy') busy += 1;
      return became;
    },
    clock: () => performance.now(),
    rate: { burst: 100, perSecond: 100 },
    trouble: (failure) => {
      throw failure;
    },
  });
  const shown = (user = 'amira'): string => homeShown(world, user);
  return {
    world,
    bot,
    shown,
    open: async (user = 'amira') => {
      expect(await world.slack.control.homeOpen(user)).toMatchObject({ ok: true });
      await eventually(() => expect(shown(user)).not.toBe(''));
      return shown(user);
    },
    refresh: async () => {
      let before: number;
      // What the person has just done may still be at it.
      do {
        before = busy;
        loop.changed();
        await loop.tick();
      } while (busy > before);
    },
    click: async (actionId, value) => {
      const done = await world.slack.control.homeAct({ user: 'amira', actionId, value });
      expect(done).toMatchObject({ ok: true });
    },
  };
}

const homesSchema = z.array(z.object({ user: z.string(), view: z.looseObject({ blocks: z.array(z.unknown()) }) }));

function homeShown(world: BotWorld, user: string): string {
  const all = homesSchema.parse(world.slack.control.state()['homes']);
  const found = all.find((one) => one.user === personNamed(world, user));
  return found === undefined ? '' : JSON.stringify(found.view.blocks);
}

/** Sam asked, and Amira may approve. */
function asked(world: BotWorld, changes: Partial<Remediation> = {}): Remediation {
  return aRemediation('requested', {
    requested: { by: personNamed(world, 'sam'), at: Date.now() - 60_000 },
    expiresAt: Date.now() + 600_000,
    approvers: [personNamed(world, 'amira')],
    ...changes,
  });
}

async function incident(world: BotWorld, workload: string, changes: Partial<Incident> = {}, namespace = 'shop') {
  const id = await world.kill(workload, undefined, namespace);
  await world.update(id, { explained: anExplanation(), ...changes });
  return id;
}

const impact = (severity: Severity) => ({ impact: anImpact({ severity }) });

test('it shows what waits for me with its buttons, the open incidents worst first, and the report card', async () => {
  const { world, open } = await visit();
  await incident(world, 'cart', impact('low'));
  await incident(world, 'checkout', { ...impact('critical'), remediations: [asked(world)] });
  const done = await incident(world, 'search', impact('high'));
  await keepResult(world.store, done, { at: Date.now() });

  const mine = await open();
  const sams = await open('sam');

  expect(mine).toContain('Waiting for your approval (1)');
  expect(mine).toMatch(/"action_id":"approve".*"confirm"/);
  expect(mine).toContain('"accessibility_label":"Approve limit 640Mi for checkout"');
  expect(mine).toContain('"action_id":"reject"');
  expect(mine).toContain('3 open: 1 critical, 1 high, 1 low');
  const lines = ['checkout', 'search', 'cart'].map((name) => mine.lastIndexOf(`OOMKilled* ${name}`));
  expect(lines.every((at) => at > 0)).toBe(true);
  expect(lines).toEqual(lines.toSorted((a, b) => a - b));
  expect(mine).toContain('1 of 1 fix held');
  expect(sams).toContain('Nothing is waiting for your approval');
  expect(sams).not.toContain('"action_id":"approve"');
});

test('while changes are paused it says so beside what waits, and no button there is the primary one', async () => {
  const { world, open } = await visit();
  await incident(world, 'checkout', { remediations: [asked(world)] });
  const pause = { by: personNamed(world, 'sam'), at: Date.now(), reason: 'release freeze' };
  await world.store.keepPause(pause, { what: 'paused', ...pause });

  const mine = await open();

  expect(mine).toMatch(/Changes in .* are paused\* by .*: release freeze/);
  expect(mine).toContain('"action_id":"approve"');
  expect(mine.split('"style":"primary"')).toHaveLength(1);
});

test('a user group that may approve has it waiting for each of its members', async () => {
  const { world, open } = await visit();
  await incident(world, 'checkout', { remediations: [asked(world, { approvers: ['S0ONCALL'] })] });

  expect(await open()).toContain('Waiting for your approval (1)');
  expect(await open('sam')).toContain('Nothing is waiting for your approval');
});

test('approving there records the request, and what the worker says appears there', async () => {
  const { world, bot, open, click, shown, refresh } = await visit();
  const id = await incident(world, 'checkout', { remediations: [asked(world)] });
  await open();

  await click('approve');
  await eventually(() => expect(shown()).toContain('your approval (limit 640Mi) was recorded'));
  const requests = (await world.store.load(id))?.requests ?? [];
  const me = personNamed(world, 'amira');
  expect(requests).toMatchObject([{ action: 'approve', by: me, plan: aPlan().id }]);
  expect(bot.advanced).toContain(id);

  const refusal = answerEntry(me, Date.now(), 'Only {0} can approve this. Nothing changed.', ['ULENA']);
  await world.store.update(id, (loaded) => ({
    incident: loaded.incident,
    entries: [refusal],
    audit: [],
    decided: requests.map((one) => one.id),
    dueAt: null,
  }));
  await refresh();

  expect(shown()).toContain('checkout: Only <@ULENA> can approve this. Nothing changed.');
  expect(dialogOf(world, 'amira')).toBeNull();
});

test('what was approved there leaves the list, and the news say that it is being applied', async () => {
  const { world, open, click, shown, refresh } = await visit();
  const id = await incident(world, 'checkout', { remediations: [asked(world)] });
  await open();
  await click('approve');
  await eventually(() => expect(shown()).toContain('was recorded'));

  await world.store.update(id, (loaded) => ({
    incident: { ...loaded.incident, remediations: [asked(world, { state: 'applying' })] },
    entries: [],
    audit: [],
    decided: loaded.requests.map((one) => one.id),
    dueAt: null,
  }));
  await refresh();

  expect(shown()).toContain('checkout: approved limit 640Mi. It is being applied now.');
  expect(shown()).toContain('Nothing is waiting for your approval');
});

test('a click on what is out of date is answered in a dialog, and the button goes away', async () => {
  const { world, open, click, shown } = await visit();
  const id = await incident(world, 'checkout', { remediations: [asked(world)] });
  await open();
  const rejected = { by: 'ULENA', at: killedAt, reason: '' };
  await world.update(id, { remediations: [asked(world, { state: 'rejected', rejected })] });

  await click('approve');

  await eventually(() => expect(dialogOf(world, 'amira')?.words).toContain('<@ULENA> rejected'));
  await eventually(() => expect(shown()).toContain('Nothing is waiting for your approval'));
  expect((await world.store.load(id))?.requests).toEqual([]);
});

test('of a private channel only the name is shown, without buttons; what is hidden is not even counted by name', async () => {
  const hiding = { clusters: ['*'], namespaces: ['secret'], channels: [], who: [], names: false };
  const { world, open } = await visit({ isPrivate: true, readers: [hiding] });
  await incident(world, 'ledger', { remediations: [asked(world)] }, 'payments');
  await incident(world, 'vault', { remediations: [asked(world)] }, 'secret');

  const home = await open();

  expect(home).toContain('*ledger*');
  expect(home).toContain('What is asked for is only shown in its channel.');
  expect(home).not.toContain('640Mi');
  expect(home).not.toContain('"action_id":"approve"');
  expect(home).not.toContain('vault');
  expect(home).toContain('1 incident is only shown in its own channel.');
});

test('a guest is told why nothing is shown', async () => {
  const own = uniqueCluster().toUpperCase().replaceAll('-', '');
  const people = seedWorkspace().people.map((one) => ({
    ...one,
    id: `U${own}${one.name.toUpperCase()}`.slice(0, 30),
    standing: 'guest' as const,
  }));
  const { world, open } = await visit({ workspace: { people } });
  await incident(world, 'checkout');

  const home = await open();

  expect(home).toContain('Incidents are only shown to you in the channels that you are in.');
  expect(home).not.toContain('checkout');
});

test('over signed HTTP it opens and is clicked as over sockets', async () => {
  const { world, open, click, shown } = await visit({ talking: { http: true } });
  await incident(world, 'checkout', { remediations: [asked(world)] });

  expect(await open()).toContain('Waiting for your approval (1)');
  await click('reject');

  await eventually(() => expect(shown()).toContain('your rejection (limit 640Mi) was recorded'));
});

test('where nothing happened yet it says how to begin', async () => {
  const { world, open } = await visit();

  expect(await open()).toContain(`I open a thread in <#${world.channel}>`);
  const { open: openNone } = await visit({ talking: { clusters: async () => [] } });
  expect(await openNone()).toContain('Start `oomkeeper watcher` and `oomkeeper worker`');
});

test('more than a Home tab can hold is counted', async () => {
  const { world, open } = await visit();
  for (let nth = 0; nth < 45; nth += 1)
    await incident(world, `service-${nth}-${'x'.repeat(200)}`, nth < 14 ? { remediations: [asked(world)] } : {});

  const home = await open();

  expect(home).toContain('… and 4 more; each is in its own thread.');
  expect(home).toContain('… and 5 more: `/oom list`');
  expect(home).toContain('Only you see this.');
});

test('it is sent again only where it has changed, and to nobody who has not opened it', async () => {
  const { world, open, refresh } = await visit();
  const published = () => world.slack.requestLog().filter(({ method }) => method === 'views.publish').length;
  await refresh();
  expect(published()).toBe(0);

  await open();
  await refresh();
  await refresh();
  expect(published()).toBe(1);
  await incident(world, 'checkout');
  await refresh();
  for (let times = 0; times < 5; times += 1) await open();
  expect(published()).toBe(2);
});
