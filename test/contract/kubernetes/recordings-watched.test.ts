import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createHandClock } from '../../../sandbox/hand-clock.ts';
import { openRecording } from '../../../sandbox/kubernetes/cluster/recording.ts';
import { createPatientTime } from '../../../sandbox/patient-time.ts';
import { seededRandom } from '../../../sandbox/scenario/scenario-seed.ts';
import { projectRoot } from '../../../scripts/project.mjs';
import type { Kill } from '../../../src/core/kill/kill.ts';
import { runWatcher, startWatchWorld, synced } from '../../flow/kubernetes/watch/watch-world.ts';
import type { RunningWatcher } from '../../flow/kubernetes/watch/watch-world.ts';
import { eventually } from '../../eventually.ts';

/** Recordings that lie beside the project, else those that a clone has. */
const folders = ['../shared/captures', 'test/recordings/captures'].map((folder) => join(projectRoot, folder));

/** What pods and Events don't show, so that no watcher can see it. */
const unseen: Readonly<Record<string, string>> = {
  metrics: 'its kills show only in the counters of Prometheus, which the watcher does not read',
  logs: 'what happened stands only in its log, which the watcher does not read',
  judgement: 'no single answer is asked for',
  'shape-only': 'no kill was recorded, only the shape of an Event',
};

const truthSchema = z.object({
  incidents: z.array(
    z.object({ workload: z.string(), container: z.string().nullable(), kind: z.string(), kills: z.number() }),
  ),
  notMemory: z.array(z.object({ pod: z.string(), finishedAt: z.string().nullable() })),
  needs: z.string().optional(),
});
type Truth = z.infer<typeof truthSchema>;

const cuts = ['cut-watches', 'reset-mid-line', 'end-mid-line', 'expire', 'restart'] as const;

interface Interruption {
  /** ms after the first line. */
  readonly at: number;
  readonly how: (typeof cuts)[number];
}

const suspectWindowMs = 400;
/** What explains an exit cannot be read while this process does not run, so a window does not pass meanwhile. */
const time = createPatientTime();
const beganAt = Date.now() - time.now();
const now = (): number => Math.floor(beganAt + time.now());
/** How long nobody watches before another watcher is started, recorded ms. */
const awayMs = 1_500;

const directories = new Map(
  folders
    .filter((folder) => existsSync(folder))
    .toReversed()
    .flatMap((folder) => readdirSync(folder).map((name): [string, string] => [name, join(folder, name)]))
    .filter(([, directory]) => existsSync(join(directory, 'truth.json'))),
);

function truthOf(directory: string): Truth {
  return truthSchema.parse(JSON.parse(readFileSync(join(directory, 'truth.json'), 'utf8')));
}

/** Whole, or cut at places of which the seed decides: one of each kind, and two more. */
function interruptions(seed: number, lengthMs: number): readonly Interruption[] {
  if (seed === 0) return [];
  const random = seededRandom(seed);
  const kinds = [...cuts, ...cuts].map((how) => ({ how, order: random() })).toSorted((a, b) => a.order - b.order);
  return kinds.map(({ how }) => ({ how, at: random() * lengthMs })).toSorted((a, b) => a.at - b.at);
}

interface Seen {
  /** All that was queued, in order, by all watchers that there were. */
  readonly queued: readonly Kill[];
  readonly ignored: RunningWatcher['ignored'];
  readonly reconnects: readonly string[];
}

/** Lets the real watcher see a recording over HTTPS, by the recording's own time. */
async function watchRecording(directory: string, seed: number): Promise<Seen> {
  const hand = createHandClock();
  const recording = await openRecording(directory, hand);
  const { store, encode, clock } = recording;
  const world = await startWatchWorld({ store, encode, clock });
  const all: RunningWatcher[] = [];
  let running = runWatcher(world, { suspectWindowMs, now });
  all.push(running);
  let newest = 0;
  store.subscribe(({ resource, object }) => {
    if (resource === 'pods') newest = Number(object.metadata.resourceVersion);
  });
  /** Where the newest watch of pods began: everything before it has been read. */
  const resumedFrom = (): number => {
    const found = world.server
      .requestLog()
      .flatMap(({ path }) => /v1\/pods\?.*&resourceVersion=(\d+)/.exec(path)?.[1] ?? []);
    return Number(found.at(-1) ?? 0);
  };
  const expired = (): number => running.reconnects.filter((reason) => reason === 'cluster-expired').length;
  const untilExpired = async (times: number): Promise<void> => eventually(() => expect(expired()).toBe(times));
  /** Only the beginning of the next watch says how much of one without a kill was read. */
  const caughtUp = async (): Promise<void> =>
    eventually(async () => {
      if (resumedFrom() < newest) {
        world.server.faults.inject({ kind: 'cut-watches' });
        await delay(50);
      }
      expect(resumedFrom()).toBeGreaterThanOrEqual(newest);
    });
  try {
    await synced(running);
    const playing = recording.play();
    let at = 0;
    for (const cut of interruptions(seed, recording.lengthMs)) {
      await hand.advance(Math.max(0, cut.at - at));
      at = Math.max(at, cut.at);
      if (cut.how === 'restart') {
        await running.stop();
        await hand.advance(awayMs);
        at += awayMs;
        running = runWatcher(world, { suspectWindowMs, now });
        all.push(running);
        await synced(running);
      } else if (cut.how === 'expire') {
        // What nobody saw and the history has forgotten is lost to everybody; so all of it has been seen.
        await caughtUp();
        const before = expired();
        const streams = new Set(world.server.requestLog().map(({ path }) => path.split('?')[0])).size;
        world.server.faults.inject({ kind: 'http-410', path: 'resourceVersion=', count: streams });
        world.server.faults.inject({ kind: 'cut-watches' });
        await untilExpired(before + streams);
        await synced(running);
      } else {
        world.server.faults.inject({ kind: cut.how });
      }
    }
    await hand.advance(Math.max(0, recording.lengthMs - at));
    await playing;
    await synced(running);
    await caughtUp();
  } finally {
    await running.stop();
    await world.close();
  }
  return {
    queued: all.flatMap(({ queued }) => queued),
    ignored: all.flatMap(({ ignored }) => ignored),
    reconnects: all.flatMap(({ reconnects }) => reconnects),
  };
}

/** One sentence for each incident; a kill counts once however often it was queued, as what it was called last. */
function incidentsOf(kills: readonly Kill[]): readonly string[] {
  const last = new Map(kills.map((kill) => [kill.fingerprint, kill]));
  const groups = Map.groupBy(
    [...last.values()].filter(({ suspect }) => !suspect),
    ({ subject: { workload, container }, kind }) =>
      [`${workload.kind}/${workload.name}`, container ?? '-', kind].join(' '),
  );
  return [...groups].map(([what, each]) => `${what}: ${each.length}`).toSorted();
}

function wanted({ incidents }: Truth): readonly string[] {
  return incidents
    .map(({ workload, container, kind, kills }) => `${workload} ${container ?? '-'} ${kind}: ${kills}`)
    .toSorted();
}

/** 0: whole. Others to look for trouble: OOMKEEPER_TEST_SEEDS=2,3,4 */
const seeds = [0, ...(process.env['OOMKEEPER_TEST_SEEDS'] ?? '1').split(',').map(Number)];

// At the same time: most of it is waiting for what could still explain an exit.
describe.concurrent('the watcher sees over HTTPS just what was recorded', { timeout: 120_000 }, () => {
  test.for([...directories].flatMap(([name, directory]) => seeds.map((seed) => ({ name, seed, directory }))))(
    '$name, cut by seed $seed',
    async ({ directory, seed }, { skip }) => {
      const truth = truthOf(directory);
      const reason = unseen[truth.needs ?? ''];
      if (reason !== undefined) skip(reason);

      const { queued, ignored, reconnects } = await watchRecording(directory, seed);

      expect(incidentsOf(queued)).toEqual(wanted(truth));
      const explained = truth.notMemory.map(({ finishedAt }) => finishedAt);
      expect(explained).toEqual(expect.arrayContaining(ignored.map(({ kill }) => kill.finishedAt)));
      const isWhole = seed === 0;
      // Whether a runtime gave up on its own only its log says, so that the watcher suspects it.
      const suspects = queued.filter(({ suspect, kind }) => suspect && kind !== 'self').length;
      const again = queued.length - new Set(queued.map(({ fingerprint }) => fingerprint)).size;
      expect(isWhole ? { suspects, again } : { suspects: 0, again: 0 }).toEqual({ suspects: 0, again: 0 });
      expect(reconnects).toEqual(expect.arrayContaining(isWhole ? [] : ['broken', 'cluster-expired']));
    },
  );
});
