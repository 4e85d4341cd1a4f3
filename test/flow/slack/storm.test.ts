import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../../../src/adapters/slack/listeners/deps.ts';
import { noAnswer } from '../../../src/core/talk/question.ts';
import { stormOf } from '../../../src/flow/show/fold.ts';
import { answer } from '../../../src/flow/steps/answer.ts';
import type { WorkerNeeds } from '../../../src/flow/worker-needs.ts';
import { eventually } from '../../eventually.ts';
import { anExplanation } from '../../fixtures/incidents.ts';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import { type Bot, type BotWorld, openBotWorld } from '../show/bot-world.ts';
import { useWorlds } from '../worker/worker-world.ts';
import { personNamed, startTalking, whispers } from './talking-bot.ts';

/* What the buttons of a storm do: a request to each incident, decided by the worker, and one answer. */

const workers = useWorlds();
let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

const slow = {
  post: { burst: 1, perSecond: 0.05 },
  update: { burst: 100, perSecond: 100 },
  ephemeral: { burst: 100, perSecond: 100 },
};

interface Flooded {
  readonly world: BotWorld;
  readonly bot: Bot;
  readonly folded: readonly string[];
  readonly storm: string;
}

/** Twenty workloads at once, shown as a storm, and a bot that hears clicks beside a worker that decides them. */
async function aStorm(decides = true): Promise<Flooded> {
  const world = await openBotWorld(redis.url);
  const worker = await workers.open();
  const needs: WorkerNeeds = { ...worker.needs, store: world.store };
  const ids = await Promise.all(Array.from({ length: 20 }, async (_, at) => world.kill(`shop-${at}`)));
  for (const id of ids) await world.update(id, { explained: anExplanation() });
  const flooded = await world.bot(slow, 5);
  await Promise.all(ids.map(async (id) => flooded.show(id)));
  await flooded.stop();
  const bot = await world.bot(undefined, 5);
  for (const id of ids) await bot.show(id);
  const storm = await world.showStorm(bot);
  const states = await Promise.all(ids.map(world.stateOf));
  const cluster: Cluster = {
    name: world.cluster,
    store: world.store,
    hints: {
      advance: async (id) => {
        const loaded = await world.store.load(id);
        for (const request of decides ? (loaded?.requests ?? []) : []) if (loaded) await answer(loaded, request, needs);
      },
    },
    openThread: bot.open,
    ask: async () => noAnswer(world.cluster, 'nobody', null),
    namespaces: async () => null,
    condition: async () => Promise.reject(new Error('nobody asks')),
    place: async () => null,
    storm: (incident) => stormOf(incident, world),
  };
  await startTalking(world, { clusters: async () => [cluster] });
  return { world, bot, storm, folded: ids.filter((_, at) => states[at] === 'folded') };
}

const rootOf = ({ world }: Flooded) => world.roots().find(({ text }) => text.includes('STORM-'));

async function click({ world, ...flooded }: Flooded, actionId: string): Promise<string> {
  const before = whispers(world).length;
  const ts = rootOf({ world, ...flooded })?.ts ?? '';
  const clicked = await world.slack.control.click({ user: 'sam', channel: world.channel, ts, actionId });
  expect(clicked.ok).toBe(true);
  return eventually(() => {
    const [told, ...more] = whispers(world).slice(before);
    expect(more).toEqual([]);
    if (told === undefined) throw new Error('nobody was told anything');
    return told;
  });
}

test('one click acknowledges every incident of a storm that is open, and one sentence says how many', async () => {
  const flooded = await aStorm();
  const { world, bot, folded } = flooded;
  const [closed = '', taken = '', ...others] = folded;
  await world.update(closed, { state: { is: 'closed', outcome: 'quiet', at: Date.now() } });
  await world.update(taken, { acknowledged: { by: 'UAMIRA', at: Date.now() } });

  const told = await click(flooded, 'acknowledge-storm');

  expect(told).toBe(`${others.length} of ${folded.length} incidents are acknowledged now; 1 was before, 1 is closed.`);
  const sam = personNamed(world, 'sam');
  for (const id of others) expect((await world.store.load(id))?.incident.acknowledged?.by).toBe(sam);
  for (const id of folded) await bot.show(id);
  world.wait(6_000);
  await world.showStorm(bot);
  expect(rootOf(flooded)?.text).toContain(`${folded.length - 1} acknowledged`);
  expect(rootOf(flooded)?.blocks).not.toContain('acknowledge-storm');
  expect(whispers(world)).toEqual([told]);
});

test('one click snoozes all of them for an hour, and the root says until when', async () => {
  const flooded = await aStorm();
  const { world, bot, folded } = flooded;

  const told = await click(flooded, 'snooze-storm');

  expect(told).toBe(`All ${folded.length} incidents are snoozed now.`);
  for (const id of folded) {
    const silence = (await world.store.load(id))?.incident.silence;
    expect(silence).toMatchObject({ scope: 'incident', by: personNamed(world, 'sam') });
    expect((silence?.until ?? 0) - (silence?.at ?? 0)).toBe(3_600_000);
  }
  for (const id of folded) await bot.show(id);
  world.wait(6_000);
  await world.showStorm(bot);
  expect(rootOf(flooded)?.blocks).not.toContain('snooze-storm');
  expect(rootOf(flooded)?.text).toContain(`${folded.length} snoozed until`);
});

test('the menu below a list gives one of its incidents a thread', async () => {
  const flooded = await aStorm();
  const { world, folded } = flooded;
  const page = world.replies().find(({ blocks }) => blocks.includes('open-listed'));
  const wanted = folded.at(-1) ?? '';
  const [value = ''] = page?.blocks.match(/\{\\"c\\":[^}]*\}/g)?.filter((text) => text.includes(wanted)) ?? [];

  await world.slack.control.click({
    user: 'sam',
    channel: world.channel,
    ts: page?.ts ?? '',
    actionId: 'open-listed',
    value: value.replaceAll('\\"', '"'),
  });

  await eventually(() =>
    expect(whispers(world)).toEqual([`${wanted} gets a thread of its own, at the end of this channel.`]),
  );
  expect(await world.stateOf(wanted)).toBe('wanted');
});
