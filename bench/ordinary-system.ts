import { usualTiming } from '../src/app/config/timing.ts';
import { aboutVariables } from '../src/app/config/variables.ts';
import { startSystem } from '../test/system.ts';
import type { System, SystemOptions } from '../test/system.ts';
import type { BenchContext } from './benchmark.ts';

/** So that a pod is killed and noticed within 50 ms of its creation; nothing of ours is faster for it. */
const worldSpeed = 60;

/** Slack's pace is not what is measured: many messages a second go into one channel, and none is folded. */
const unpaced = { postEveryMs: 1 };

/** Room for as many victims as there are. */
const nodes = [{ name: 'pool-1', allocatableBytes: 2 ** 50, ip: '192.0.2.11' }];

/**
 * MB of heap. In a container V8 takes at most half of its limit; these are half of those of the chart's size `small`. On
 * a machine without limits it would let garbage lie until there are several hundred MB more.
 */
const heapMb = { watcher: 96, worker: 320, bot: 192 } as const;

type OrdinaryOptions = Pick<SystemOptions, 'only' | 'settings' | 'timing'> & {
  readonly slack?: NonNullable<SystemOptions['world']>['slack'];
};

/**
 * The three processes over their own Redis beside the pretend world, whose clock is this process's. Every variable that a
 * test would shorten has its default, and their heaps are as large as in a container.
 */
export async function startOrdinarySystem(
  { onStop }: BenchContext,
  { settings, timing, slack, only }: OrdinaryOptions = {},
): Promise<System> {
  const starting = startSystem({
    settings: { ...pacesByDefault(), OOMKEEPER_STORM_AFTER: '0', ...settings },
    timing: { ...usualTiming, ...unpaced, ...timing },
    world: { speed: worldSpeed, nodes, slack: { limits: 'off', ...slack } },
    only: async (name, around) => ({
      NODE_OPTIONS: `--max-old-space-size=${heapMb[name]}`,
      ...(await only?.(name, around)),
    }),
  });
  // Before it has started: an interrupted start is ended too. One that fails ends itself.
  onStop(async () => {
    const started = await starting.catch(() => null);
    await started?.stop();
  });
  return starting;
}

function pacesByDefault(): Readonly<Record<string, string>> {
  const isPace = /_(AFTER|TIMEOUT|EVERY)$/;
  return Object.fromEntries(
    aboutVariables().flatMap(([name, { fallback }]) =>
      isPace.test(name) && fallback !== undefined ? [[name, fallback]] : [],
    ),
  );
}
