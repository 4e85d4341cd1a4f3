import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createClock } from '../../../sandbox/clock.ts';
import { openRecording } from '../../../sandbox/kubernetes/recording.ts';
import { runWatcher, startWatchWorld, synced, untilQueued } from './watch-world.ts';

const captures = join(import.meta.dirname, '../../recordings/captures');
const truthSchema = z.object({
  incidents: z.array(z.object({ workload: z.string(), container: z.string(), kind: z.string(), kills: z.number() })),
  notMemory: z.array(z.object({ pod: z.string(), finishedAt: z.string() })),
});

test.each(['oom-restart', 'liveness-137', 'job-ttl0', 'tmpfs'])(
  'a recorded watch over HTTPS gives what happened: %s',
  async (name) => {
    const truth = truthSchema.parse(JSON.parse(readFileSync(join(captures, name, 'truth.json'), 'utf8')));
    const recording = await openRecording(join(captures, name), createClock(20));
    const { store, encode, clock } = recording;
    const world = await startWatchWorld({ store, encode, clock });
    const running = runWatcher(world);
    await synced(running);

    await recording.play();
    await untilQueued(
      running,
      truth.incidents.reduce((sum, { kills }) => sum + kills, 0),
    );
    await expect.poll(() => running.ignored.length).toBe(truth.notMemory.length);
    await running.stop();
    await world.close();

    const counts = Map.groupBy(running.queued, ({ subject: { workload, container }, kind }) =>
      [`${workload.kind}/${workload.name}`, container, kind].join(' '),
    );
    expect([...counts].map(([what, kills]) => `${what}: ${kills.length}`)).toEqual(
      truth.incidents.map(({ workload, container, kind, kills }) => `${workload} ${container} ${kind}: ${kills}`),
    );
    expect(running.ignored.map(({ kill }) => kill.finishedAt)).toEqual(
      truth.notMemory.map(({ finishedAt }) => finishedAt),
    );
    expect(running.queued.filter(({ suspect }) => suspect)).toEqual([]);
  },
);
