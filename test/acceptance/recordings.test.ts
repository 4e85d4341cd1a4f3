import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { projectRoot } from '../../scripts/project.mjs';
import { startSystem } from '../system.ts';
import { threadsOf } from './threads.ts';
import { eventually } from '../eventually.ts';
import { skipUnlessLongIsWanted } from '../long.ts';

skipUnlessLongIsWanted();

const truthSchema = z.object({
  incidents: z.array(z.object({ workload: z.string(), container: z.string(), kills: z.number() })),
  notMemory: z.array(z.unknown()),
});

/** Longer than the wait for an Event that explains a 137, and the sweep. */
const quietMs = 2_000;

/** What was recorded at the same time of the same cluster, each in a namespace of its own: most of a test is its start. */
const together = [
  ['liveness-137', 'job-ttl0'],
  ['oom-restart', 'oom-sidecar', 'rollout'],
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-recordings-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

/** The recordings as one watch would have recorded them, and what their truths ask for. */
async function merged(names: readonly string[]) {
  const to = await mkdtemp(join(folder, 'merged-'));
  const truths: z.output<typeof truthSchema>[] = [];
  for (const name of names) {
    const from = join(projectRoot, 'test/recordings/captures', name);
    for (const file of ['pods.ndjson', 'events.ndjson'])
      await appendFile(join(to, file), await readFile(join(from, file)));
    truths.push(truthSchema.parse(JSON.parse(await readFile(join(from, 'truth.json'), 'utf8'))));
  }
  const wanted = truths.flatMap(({ incidents }, index) =>
    incidents.map(({ workload, container, kills }) => `cap-${names[index]}/${workload}/${container}: ${kills}`),
  );
  const notMemory = truths.reduce((sum, truth) => sum + truth.notMemory.length, 0);
  return { recording: to, wanted: wanted.toSorted(), notMemory };
}

// At the same time: most of it is waiting.
describe.concurrent('of a recorded watch stream the three processes open exactly the threads that its truth asks for', () => {
  test.for(together.map((names) => [names] as const))('%s', async ([names], { onTestFinished }) => {
    const { recording, wanted, notMemory } = await merged(names);
    const system = await startSystem({ world: { recording } });
    onTestFinished(system.stop);
    const { world } = system;
    const opened = (): readonly string[] =>
      threadsOf(world)
        .map(({ subject, kills }) => `${subject.split('/').slice(1).join('/')}: ${kills}`)
        .toSorted();
    const ignored = async (): Promise<number> => (await system.said()).split('"termination ignored"').length - 1;

    await fetch(new URL('/recording/play', world.addresses.controlUrl), { method: 'POST' });

    await eventually(async () => {
      expect(opened()).toEqual(wanted);
      expect(await ignored()).toBeGreaterThanOrEqual(notMemory);
      expect(Date.now() - (world.slack.requestLog().at(-1)?.at ?? 0)).toBeGreaterThan(quietMs);
    });
  });
});
