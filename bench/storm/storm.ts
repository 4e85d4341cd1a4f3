import { usualTiming } from '../../src/app/config/timing.ts';
import { z } from 'zod';
import type { World } from '../../sandbox/world.ts';
import { atRate } from '../at-rate.ts';
import type { Benchmark, Size } from '../benchmark.ts';
import { startFloor } from '../latency/floor.ts';
import { startOrdinarySystem } from '../ordinary-system.ts';
import { watchUse } from '../process-use.ts';
import { circumstances, timesBeside } from '../report.ts';
import { eventually } from '../../test/eventually.ts';
import { killedPod, startKilledPods } from './killed-pods.ts';

/** The rate is that of 10 000 kills in a minute. */
const perSecond = 10_000 / 60;
const amounts: Readonly<Record<Size, number>> = { small: 60, default: 500, full: 10_000 };
/** So many pods of a workload are killed, one after the other. */
const podsEach = 5;
const floorTrips = 40;

/**
 * Very many kills at once in one channel, at the pace that Slack allows and with Slack's limits: from the line with a kill
 * until the channel tells of so many. It does not say of which, so that the nth line is taken to be the nth kill told.
 */
export const storm: Benchmark = {
  name: 'storm',
  about: '10 000 kills in 60 s (full): line of the watch -> counted in the channel, with Slack’s limits',
  run: async (context) => {
    const kills = amounts[context.size];
    const pods = await startKilledPods(context);
    const system = await startOrdinarySystem(context, {
      settings: { OOMKEEPER_STORM_AFTER: '5' },
      timing: { postEveryMs: usualTiming.postEveryMs },
      slack: { limits: 'slack' },
      only: async (name) => (name === 'bot' ? {} : { KUBECONFIG: pods.kubeconfig }),
    });
    const floor = await startFloor(
      { redisUrl: system.redisUrl, line: `${JSON.stringify(killedPod(0, podsEach))}\n`, body: '{}' },
      context,
    );
    for (let trip = 0; trip < floorTrips; trip += 1) await floor.trip();
    const below = await atRate(Array.from({ length: floorTrips }), perSecond, floor.trip);

    const use = watchUse(system, context);
    context.say(`${kills} kills, ${Math.round(perSecond)} a second`);
    const told = readTold(system.world);
    const written: number[] = [];
    const counted: number[] = [];
    const look = (): void => {
      const now = told();
      while (counted.length < now.kills) counted.push(now.at);
    };
    const looking = setInterval(look, 50);
    context.onStop(async () => clearInterval(looking));
    await atRate(Array.from({ length: kills }), perSecond, async () => {
      pods.kill(written.length, podsEach);
      written.push(performance.now());
    });
    context.say('all are killed');
    await eventually(() => {
      look();
      if (counted.length < kills) throw new Error(`${counted.length} of ${kills} kills are counted in the channel`);
    });
    clearInterval(looking);

    const { stormAt, at: _now, ...counts } = told();
    const [began = 0] = written;
    const refused = system.world.slack.requestLog().filter(({ error }) => error === 'ratelimited').length;
    return {
      bench: 'storm',
      n: kills,
      unit: 'ms',
      ...timesBeside(
        written.map((at, nth) => Math.max(0, (counted[nth] ?? Infinity) - at)),
        below,
      ),
      rssBytes: use.most(),
      // A machine on which they come slower than the channel takes them folds nothing.
      peers:
        counts.storms === 0
          ? {}
          : { 'first storm root': { n: 1, unit: 'ms', ...timesBeside([stormAt - began], below) } },
      counts: { ...counts, refused, rssBytesBefore: use.first, ...use.each() },
      ...circumstances(),
    };
  },
};

const metadataSchema = z.looseObject({
  event_type: z.string(),
  event_payload: z.looseObject({ kills: z.number().default(0), incidents: z.number().default(1) }),
});

interface Told {
  /** Of all roots and storms as they stand. */
  readonly kills: number;
  readonly incidents: number;
  readonly storms: number;
  /** Monotonic ms: now, and when the first storm was seen. */
  readonly at: number;
  readonly stormAt: number;
}

/** What the channel tells, by the pretend Slack's own messages. No incident gets a thread of its own after it is folded. */
function readTold({ slack }: World): () => Told {
  const channel = slack.store.channels().find(({ name }) => name === 'oom-alerts')?.id ?? '';
  let stormAt = Infinity;
  return () => {
    const all = slack.store.timeline(channel).flatMap(({ metadata, deleted }) => {
      const read = metadataSchema.safeParse(metadata);
      return read.success && !deleted ? [read.data] : [];
    });
    const storms = all.filter(({ event_type: type }) => type === 'oomkeeper_storm');
    const at = performance.now();
    if (storms.length > 0) stormAt = Math.min(stormAt, at);
    return {
      kills: all.reduce((sum, { event_payload: { kills } }) => sum + kills, 0),
      incidents: all.reduce((sum, { event_payload: { incidents } }) => sum + incidents, 0),
      storms: storms.length,
      at,
      stormAt,
    };
  };
}
