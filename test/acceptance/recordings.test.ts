import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { projectRoot } from '../../scripts/project.mjs';
import { startSystem } from '../system.ts';
import { threadsOf } from './threads.ts';
import { eventually } from '../eventually.ts';

const truthSchema = z.object({
  incidents: z.array(z.object({ workload: z.string(), container: z.string(), kills: z.number() })),
  notMemory: z.array(z.unknown()),
});

/** Longer than the wait for an Event that explains a 137, and the sweep. */
const quietMs = 2_000;

// At the same time: most of it is waiting.
describe.concurrent(
  'of a recorded watch stream the three processes open exactly the threads that its truth asks for',
  () => {
    test.for(['oom-restart', 'liveness-137', 'job-ttl0', 'oom-sidecar', 'rollout'])(
      '%s',
      async (name, { onTestFinished }) => {
        const recording = join(projectRoot, 'test/recordings/captures', name);
        const truth = truthSchema.parse(JSON.parse(await readFile(join(recording, 'truth.json'), 'utf8')));
        const wanted = truth.incidents.map(({ workload, container, kills }) => `${workload}/${container}: ${kills}`);
        const system = await startSystem({ world: { recording } });
        onTestFinished(system.stop);
        const { world } = system;
        const opened = (): readonly string[] =>
          threadsOf(world)
            .map(({ subject, kills }) => `${subject.split('/').slice(2).join('/')}: ${kills}`)
            .toSorted();
        const ignored = async (): Promise<number> => (await system.said()).split('"termination ignored"').length - 1;

        await fetch(new URL('/recording/play', world.addresses.controlUrl), { method: 'POST' });

        await eventually(async () => {
          expect(opened()).toEqual(wanted.toSorted());
          expect(await ignored()).toBeGreaterThanOrEqual(truth.notMemory.length);
          expect(Date.now() - (world.slack.requestLog().at(-1)?.at ?? 0)).toBeGreaterThan(quietMs);
        });
      },
    );
  },
);
