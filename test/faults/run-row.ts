import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { processNames } from '../../scripts/system.ts';
import type { ProcessName } from '../../scripts/system.ts';
import { seededRandom } from '../../sandbox/scenario/scenario-seed.ts';
import type { WorkloadKill } from '../../sandbox/kubernetes/cluster/cluster.ts';
import { writesOf } from '../acceptance/writes.ts';
import { createAccount, workloadKey } from './account.ts';
import type { Account, Comparison } from './account.ts';
import type { FaultSystems } from './fault-systems.ts';
import { openLogs } from './logs.ts';
import type { RowLogs } from './logs.ts';
import { manyIncidents } from './many-incidents.ts';
import type { FaultRow, FaultSystem, RowReport, Stage } from './row.ts';

export interface RowOptions {
  readonly incidents: number;
  readonly seed: number;
  /** Folder of all rows; each has one of its own there. */
  readonly out: string;
  /** One line of progress for a person. */
  readonly say: (text: string) => void;
}

/** How long nothing may be said while there is something to say: longer than anybody waits between two tries. */
const stuckMs = 90_000;
/** How long may pass until the truth is told, on however slow a machine: a fixed time, and some for each incident. */
const settleMs = 240_000;
const settleMsEach = 1_000;
/** Longer than the search for a lost message, the sweep and a lock together. */
const quietMs = 2_500;
const checkEveryMs = 50;
/** So long after all was told, what a fault waits for does not come any more. */
const missedMs = 500;
/** How long a fault may last while nothing is killed: longer than any takes by itself. */
const stillMs = 120_000;

/**
 * A pretend world goes on with all that was ever made in it: after more incidents it is not given to another row. Fourteen
 * rows of a thousand in one were 4 GB.
 */
const mostInOneWorld = 200;

interface Outcome {
  /** Whether the next row may go on in this system. */
  readonly isHealthy: boolean;
  readonly report: RowReport;
}

/**
 * How often a row is played at most. Who takes a job is chance, and of few incidents the moment that a fault waits for may
 * come to another process.
 */
const mostPlays = 5;

/**
 * Plays one row until its fault has struck: incidents happen, the fault strikes, and when all is over and nothing has
 * been said for a while, what the pretend Slack was told is compared with what the pretend kernel did. A play that is not
 * clean is the last one. Throws where the row could not do its work.
 */
export async function runRow(row: FaultRow, options: RowOptions, systems: FaultSystems): Promise<RowReport> {
  for (let nth = 0; ; nth += 1) {
    const report = await play(row, { ...options, seed: options.seed + nth }, systems);
    const { injected, lost, duplicates } = report;
    if (injected > 0 || lost + duplicates > 0 || nth + 1 === mostPlays) return report;
    options.say('it struck nothing, and is played again by the next seed');
  }
}

async function play(row: FaultRow, options: RowOptions, systems: FaultSystems): Promise<RowReport> {
  const { report } = await systems.lend(row, async (system) => {
    const extra = await Promise.all((row.beside ?? []).map((name) => system.beside(name)));
    try {
      return await playOn(system, row, options);
    } finally {
      await Promise.all(extra.map((one) => one.stop()));
    }
  });
  return report;
}

let runs = 0;

async function playOn(system: FaultSystem, row: FaultRow, options: RowOptions): Promise<Outcome> {
  const { seed, out, say } = options;
  const { world } = system;
  const random = seededRandom(seed);
  const logs = await openLogs(world, join(out, row.name));
  const writesBefore = writesOf(world).length;
  runs += 1;
  const plan = { incidents: options.incidents, kills: [1, 3], everyMs: 50, ...row.plan?.(options.incidents) } as const;
  const count = plan.incidents;
  const incidents = manyIncidents(world, {
    ...plan,
    prefix: `${row.name}-${runs}-`,
    // Of its own: what a fault asks of chance does not change what happens.
    random: seededRandom(seed + 1),
  });
  try {
    const account = createAccount();
    const reading = readAlways(account, logs);
    let injected: number;
    let faultEndedAt = 0;
    try {
      const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
      const happened = begun.then(incidents.happen);
      const given = { random, incidents: count, reached: incidents.reached, kills: () => incidents.kills().length };
      const isReported = (): boolean => account.compare(truthOf(incidents.kills())).lost.length === 0;
      const fault = row.inject(stageFor(system, { ...given, happened, isReported })).then((times) => {
        faultEndedAt = Date.now();
        return times;
      });
      begin();
      [injected] = await whileItMoves(Promise.all([fault, happened]), () => incidents.kills().length);
      say(`struck ${injected} times, ${incidents.kills().length} kills; waiting until all is told`);
      await settle(account, () => truthOf(incidents.kills()), count);
    } finally {
      await reading.stop();
    }
    const found = account.compare(truthOf(incidents.kills()));
    await logs.write(incidents.kills());
    tell(found, say);
    const remediations = writesOf(world)
      .slice(writesBefore)
      .filter(({ status }) => status >= 200 && status < 300);
    const isClean = found.lost.length + found.duplicates.length === 0;
    if (!isClean) {
      await writeFile(join(logs.folder, 'processes.log'), await system.said());
      for (const name of await endedByThemselves(system)) say(`the ${name} has ended by itself`);
    }
    return {
      isHealthy: isClean && count <= mostInOneWorld,
      report: {
        fault: row.name,
        seed,
        injected,
        incidents: count,
        lost: found.lost.length,
        duplicates: found.duplicates.length,
        remediations: remediations.length,
        recoveredAfterMs: recoveredAfterMs(account, incidents.kills(), faultEndedAt),
        logs: logs.folder,
      },
    };
  } finally {
    incidents.end();
  }
}

/** Fails when nothing has been killed for `stillMs`, and the fault has not come to its end. */
async function whileItMoves<T>(fault: Promise<T>, killed: () => number): Promise<T> {
  const over = new AbortController();
  const late = (async () => {
    for (let before = -1; before !== killed();) {
      before = killed();
      await delay(stillMs, undefined, { signal: over.signal });
    }
    throw new Error(`the fault has not come to its end, after ${killed()} kills`);
  })();
  try {
    return await Promise.race([fault, late]);
  } finally {
    // What a timer would keep is all that the row has to do with.
    over.abort();
  }
}

async function endedByThemselves(system: FaultSystem): Promise<readonly ProcessName[]> {
  const ended = await Promise.all(
    processNames.map((name) => Promise.race([system.process(name).exited.then(() => true), delay(0, false)])),
  );
  return processNames.filter((_, at) => ended[at]);
}

function stageFor(
  system: FaultSystem,
  given: Pick<Stage, 'random' | 'reached' | 'incidents' | 'kills' | 'happened'> & {
    readonly isReported: () => boolean;
  },
): Stage {
  const { incidents: count, random, reached } = given;
  return {
    system,
    ...given,
    minuteMs: Math.min(60_000, Math.max(1_000, count * 60)),
    nowAndThen: async (strike) => {
      const times = Math.min(40, Math.max(2, Math.round(count / 5)));
      let struck = 0;
      for (let nth = 0; nth < times; nth += 1) {
        await reached((nth + random()) / times);
        await delay(random() * 100);
        if ((await strike(nth)) !== 'missed') struck += 1;
      }
      return struck;
    },
    orMissed: async (moment) => {
      const over = new AbortController();
      const comes = moment.then(() => 'reached' as const);
      try {
        return await Promise.race([comes, allTold(given, over.signal).then(() => 'missed' as const)]);
      } finally {
        over.abort();
      }
    },
  };
}

/** Waits until all has happened and was told, and a while longer. */
async function allTold(
  { happened, incidents, isReported }: Pick<Stage, 'happened' | 'incidents'> & { readonly isReported: () => boolean },
  signal: AbortSignal,
): Promise<void> {
  await happened;
  while (!isReported() && !signal.aborted) await delay(checkEveryMs + incidents / 2);
  await delay(missedMs);
}

/** Reads the log of the pretend Slack as it grows, since it keeps only the newest. */
function readAlways(account: Account, logs: RowLogs): { readonly stop: () => Promise<void> } {
  const over = new AbortController();
  const reading = (async () => {
    while (!over.signal.aborted) {
      account.read(logs.newInSlack());
      await delay(checkEveryMs, undefined, { signal: over.signal }).catch(() => undefined);
    }
    account.read(logs.newInSlack());
  })();
  reading.catch(() => undefined);
  return {
    stop: async () => {
      over.abort();
      await reading;
    },
  };
}

/**
 * Waits until the truth is told and nothing has been said for a while, or for as long as it may take. What stands
 * double may still be taken back by then.
 */
async function settle(account: Account, truth: () => ReadonlyMap<string, number>, count: number): Promise<void> {
  const began = Date.now();
  const latest = began + settleMs + count * settleMsEach;
  const silentMs = (): number => Date.now() - Math.max(began, account.lastWriteAt());
  const isOver = (): boolean => silentMs() > stuckMs || Date.now() > latest;
  const isQuiet = (): boolean => Date.now() - account.lastWriteAt() > quietMs;
  const isTold = (): boolean => {
    const { lost, duplicates } = account.compare(truth());
    return lost.length + duplicates.length === 0;
  };
  while (!isOver() && !(isQuiet() && isTold())) await delay(checkEveryMs + count / 4);
}

function truthOf(kills: readonly WorkloadKill[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { target } of kills) counts.set(workloadKey(target), (counts.get(workloadKey(target)) ?? 0) + 1);
  return counts;
}

/** Of the kills before the end of the fault, when the last one was told. */
function recoveredAfterMs(account: Account, kills: readonly WorkloadKill[], endedAt: number): number {
  const told = [...truthOf(kills.filter(({ at }) => at <= endedAt))].flatMap(
    ([workload, count]) => account.toldAt(workload, count) ?? [],
  );
  return Math.max(0, Math.round(Math.max(0, ...told) - endedAt));
}

const mostNamed = 5;

function tell({ lost, duplicates }: Comparison, say: (text: string) => void): void {
  for (const workload of lost.slice(0, mostNamed)) say(`not told: ${workload}`);
  for (const sentence of duplicates.slice(0, mostNamed)) say(sentence);
}
