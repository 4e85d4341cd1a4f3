import { setTimeout as delay } from 'node:timers/promises';
import type { World } from '../../sandbox/world.ts';
import { addVictim } from '../../test/acceptance/victims.ts';
import { atRate } from '../at-rate.ts';
import type { Benchmark, Size } from '../benchmark.ts';
import { startOrdinarySystem } from '../ordinary-system.ts';
import { teamChannels, teams } from '../team-channels.ts';
import { watchUse } from '../process-use.ts';
import { circumstances, timesBeside } from '../report.ts';
import type { Peer } from '../report.ts';
import { until } from '../../test/eventually.ts';
import { isExplained, killWrittenAt, readFirstMessages } from './first-messages.ts';
import type { FirstMessage, FirstMessages } from './first-messages.ts';
import { startFloor } from './floor.ts';
import type { Floor } from './floor.ts';
import { messageBody, podLine } from './same-bytes.ts';

/** So many rounds of so many kills, so many a second. */
interface Load {
  readonly rounds: number;
  readonly kills: number;
  readonly perSecond: number;
  /** Over the channels of all teams, not in one. */
  readonly spread: boolean;
}

interface Amount {
  /** So many kills one at a time, and none is begun after so many ms. */
  readonly idle: { readonly kills: number; readonly forMs: number };
  readonly loads: readonly Load[];
}

/** What one machine of two cores explains as it comes, and what an outage brings. */
const amounts: Readonly<Record<Size, Amount>> = {
  small: { idle: { kills: 2, forMs: Infinity }, loads: [{ rounds: 1, kills: 3, perSecond: 5, spread: true }] },
  default: {
    idle: { kills: 12, forMs: 5_000 },
    loads: [
      { rounds: 1, kills: 10, perSecond: 5, spread: false },
      { rounds: 1, kills: 40, perSecond: 50, spread: true },
    ],
  },
  full: {
    idle: { kills: 200, forMs: Infinity },
    loads: [
      { rounds: 5, kills: 40, perSecond: 5, spread: false },
      { rounds: 5, kills: 50, perSecond: 50, spread: true },
    ],
  },
};
const warmUps = 2;
/** When Slack was asked nothing for so long, what was going on is over. */
const quietMs = 100;

/**
 * From the line with a kill to the first message about it: one kill at a time and some a second in one channel, and many a
 * second over 200 channels.
 */
export const latency: Benchmark = {
  name: 'latency',
  about: 'line of the watch with a kill -> first message in Slack; one at a time, and many a second',
  run: async (context) => {
    const amount = amounts[context.size];
    const system = await startOrdinarySystem(context, await teamChannels(context));
    const scene = { world: system.world, messages: readFirstMessages(system.world) };
    for (let n = 0; n < warmUps; n += 1) await killAndSettle(scene, `warm-${n}`);
    const use = watchUse(system, context);
    const bytes = { line: await podLine(scene.world), body: messageBody(scene.world) };
    const floor = await startFloor({ redisUrl: system.redisUrl, ...bytes }, context);
    for (let n = 0; n < 10 * warmUps; n += 1) await floor.trip();
    context.say('one kill at a time');
    const idle = await oneAtATime(scene, floor, amount);
    const peers: Record<string, Peer> = {};
    for (const load of amount.loads) {
      context.say(`${load.rounds * load.kills} kills, ${load.perSecond} a second`);
      peers[`${load.perSecond}/s`] = await manyASecond(scene, floor, load);
    }
    await whenQuiet(scene.world);
    return {
      bench: 'latency',
      ...idle,
      rssBytes: use.most(),
      counts: { incidents: idle.n + Object.values(peers).reduce((sum, { n }) => sum + n, 0), ...use.each() },
      peers,
      ...circumstances(),
    };
  },
};

interface Scene {
  readonly world: World;
  readonly messages: FirstMessages;
}

/** Taken in turn, so that both see the same machine. */
async function oneAtATime(scene: Scene, floor: Floor, { idle }: Amount): Promise<Peer> {
  const ours: number[] = [];
  const below: number[] = [];
  const over = performance.now() + idle.forMs;
  for (let n = 0; n < idle.kills && performance.now() < over; n += 1) {
    ours.push(await killAndSettle(scene, `idle-${n}`));
    below.push(await floor.trip());
  }
  return { n: ours.length, ...timesBeside(ours, below), unit: 'ms' };
}

/** The floor first: after ours there is still much to explain, and that is no part of either. */
async function manyASecond(scene: Scene, floor: Floor, load: Load): Promise<Peer> {
  const ours: number[] = [];
  const below: number[] = [];
  for (let round = 0; round < load.rounds; round += 1) {
    await whenQuiet(scene.world);
    const team = (nth: number): string => (load.spread ? (teams[nth % teams.length] ?? '') : 'shop');
    const names = Array.from({ length: load.kills }, (_, n) => `at${load.perSecond}-${round}-${n}`);
    below.push(...(await atRate(names, load.perSecond, floor.trip)));
    const victims = names.map((name, nth) => ({ name, namespace: team(round * load.kills + nth) }));
    const times = await atRate(victims, load.perSecond, async ({ name, namespace }) => {
      const { acceptedAt } = await kill(scene, name, namespace);
      return acceptedAt - killWrittenAt(scene.world, name);
    });
    ours.push(...times);
  }
  return { n: ours.length, ...timesBeside(ours, below), unit: 'ms' };
}

/** One kill and all that follows from it; ms to its first message. */
async function killAndSettle(scene: Scene, name: string): Promise<number> {
  const { world } = scene;
  const message = await kill(scene, name);
  await until(`${name} is explained`, () => isExplained(world, message) || null);
  await whenQuiet(world);
  return message.acceptedAt - killWrittenAt(world, name);
}

async function kill({ world, messages }: Scene, name: string, namespace = 'shop'): Promise<FirstMessage> {
  addVictim(world, { name, namespace, kills: 1 });
  return until(`a message about ${name}`, () => messages.about(name));
}

async function whenQuiet({ slack }: World): Promise<void> {
  for (;;) {
    const before = slack.requestLog().at(-1)?.seq;
    await delay(quietMs);
    if (slack.requestLog().at(-1)?.seq === before) return;
  }
}
