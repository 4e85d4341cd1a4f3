import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { checkScenarios } from '../../sandbox/play/check-scenarios.ts';
import type { Scenario } from '../../sandbox/scenario/scenario.ts';
import { loadScenarios } from '../../sandbox/scenario/scenario-files.ts';
import { speedOf } from '../../sandbox/scenario/scenario-length.ts';
import { arrange, policyFile } from '../../sandbox/scenario/scenario-policy.ts';
import type { World } from '../../sandbox/world.ts';
import { projectRoot } from '../../scripts/project.mjs';
import { processNames, temporaryFolder } from '../../scripts/system.ts';
import { ask, click, clickablesOf, personNamed } from '../acceptance/people.ts';
import { beginStory } from '../acceptance/story.ts';
import type { Story } from '../acceptance/story.ts';
import { allWords, threadAbout } from '../acceptance/threads.ts';
import { addVictim } from '../acceptance/victims.ts';
import { eventually } from '../eventually.ts';
import { startSystem } from '../system.ts';
import type { System } from '../system.ts';
import { readDump } from './dump-file.ts';
import type { Dump } from './dump-file.ts';

/** Stories that leave behind what others do not: each end of a change, and what is stored beside incidents. */
const told = [
  'limit-too-low',
  'rejected-then-approved',
  'pr-merged-held',
  'leak-mitigated',
  'bad-rollout-rolled-back',
  'undone',
  'third-raise',
  'ahead-of-time',
  'silent-child-kill',
  'liveness-137',
  'node-out-of-memory',
  'somebody-is-called',
];
const speed = 60;

/** Names of what happens beside the stories; a test looks for them. */
export const inDump = {
  cluster: 'prod',
  /** Requested, and nobody has decided yet. */
  waits: 'orders',
  /** Explained, with a plan that nobody has asked for. */
  offered: 'invoices',
  silenced: 'thumbnails',
  /** Of the storm, `folded-0` and so on. */
  folded: 'folded',
  /** Its kill is in the queue, and no worker has seen it. */
  queued: 'queued',
  /** The cluster without a Prometheus, whose changes are paused. */
  plain: 'plain',
} as const;

/** Runs the real system through some stories and reads what it leaves in Redis. Takes about two minutes. */
export async function recordDump(version: string, say: (text: string) => void): Promise<Dump> {
  const first = await recordStories(version, say);
  say('a cluster without a Prometheus');
  const second = await recordPlain(version);
  return { ...second, lines: [...first.lines, ...second.lines] };
}

async function recordStories(version: string, say: (text: string) => void): Promise<Dump> {
  const folder = await temporaryFolder();
  try {
    const all = await loadScenarios(join(projectRoot, 'sandbox/scenarios'));
    const scenarios = arrange(all.filter(({ name }) => told.includes(name)));
    const system = await startSystem({
      settings: {
        OOMKEEPER_CLUSTER: inDump.cluster,
        OOMKEEPER_MODE: 'act',
        OOMKEEPER_STORM_AFTER: '5',
        OOMKEEPER_APPROVERS: '',
      },
      timing: { postEveryMs: 100, forecastSettledMs: 10_000, watchAtMostMs: 6_000 },
      world: { speed },
      only: async (_, { world }) => ({ OOMKEEPER_POLICY: await writePolicy(folder.path, scenarios, world) }),
    });
    try {
      say(`${scenarios.length} stories`);
      for (const { name, problems } of await checkScenarios(system.world, scenarios))
        if (problems.length > 0) say(`${name}: ${problems.join('; ')}`);
      await beside(system, say);
      await Promise.all(processNames.map((name) => system.process(name).stop()));
      return await dumpOf(system, version, [`{oomkeeper:${inDump.cluster}}`, '{oomkeeper:slack}']);
    } finally {
      await system.stop();
    }
  } finally {
    await folder.remove();
  }
}

async function writePolicy(folder: string, scenarios: readonly Scenario[], world: World): Promise<string> {
  const path = join(folder, 'policy.yaml');
  await writeFile(
    path,
    policyFile(scenarios, world.slack.workspace, (scenario) => speedOf(scenario, speed)),
  );
  return path;
}

async function beside({ world, process, redisUrl }: System, say: (text: string) => void): Promise<void> {
  const [amira, sam] = [personNamed(world, 'amira'), personNamed(world, 'sam')];

  say('a request that waits, and an offer');
  const waits = await beginStory(world, 'limit-too-low', inDump.waits);
  const offered = await beginStory(world, 'limit-too-low', inDump.offered);
  const silenced = await beginStory(world, 'limit-too-low', inDump.silenced);
  await click(world, await waits.withButton('apply'), { user: sam, actionId: 'apply' });
  await eventually(() => saysIn(waits, 'approve'));
  await offered.withButton('apply');

  say('a silence');
  const menu = clickablesOf((await silenced.withButton('apply')).root).find(({ label }) => label.startsWith('Ignore'));
  await click(world, silenced.thread(), { user: amira, actionId: 'menu', value: menu?.value ?? '' });
  await eventually(async () => {
    const answer = await world.slack.control.viewSubmit({ user: amira, values: { reason: 'a load test' } });
    if (!answer.ok) throw new Error(answer.error);
  });

  say('a pause, and its end');
  await ask(world, amira, '/oom pause prod a release');
  await ask(world, amira, '/oom resume prod');

  say('a storm');
  for (let nth = 0; nth < 20; nth += 1) addVictim(world, { name: `${inDump.folded}-${nth}`, kills: 1 });
  await eventually(() => {
    const words = world.slack.store.channels().flatMap(({ id }) => world.slack.store.timeline(id).map(allWords));
    if (!words.some((one) => one.includes(`${inDump.folded}-`) && one.includes('STORM-'))) throw new Error('no storm');
  });

  say('a kill that no worker takes');
  await process('worker').stop();
  addVictim(world, { name: inDump.queued, kills: 1 });
  const redis = new Redis(redisUrl);
  try {
    const waiting = `{oomkeeper:${inDump.cluster}}:kills:wait`;
    await eventually(async () => {
      const count = await redis.llen(waiting);
      if (count < 1) throw new Error(`${count} kills wait`);
    });
  } finally {
    redis.disconnect();
  }
}

function saysIn({ thread }: Story, words: string): void {
  const { root } = thread();
  if (!allWords(root).toLowerCase().includes(words)) throw new Error(`the root does not say "${words}"`);
}

async function recordPlain(version: string): Promise<Dump> {
  const system = await startSystem({
    settings: { OOMKEEPER_CLUSTER: inDump.plain, OOMKEEPER_SAMPLE_EVERY: '1s' },
    world: { speed, prometheus: false },
  });
  try {
    const { world } = system;
    addVictim(world, { name: 'sampled', kills: 2, keepsRunning: true });
    await eventually(() => {
      if (threadAbout(world, 'sampled').verdict === '') throw new Error('it is not explained');
    });
    await ask(world, personNamed(world, 'amira'), '/oom pause plain no changes over the holidays');
    const redis = new Redis(system.redisUrl);
    try {
      await eventually(async () => {
        const keys = await redis.keys('*:samples:*');
        if (keys.length === 0) throw new Error('nothing is sampled');
      });
    } finally {
      redis.disconnect();
    }
    await Promise.all(processNames.map((name) => system.process(name).stop()));
    return await dumpOf(system, version, [`{oomkeeper:${inDump.plain}}`]);
  } finally {
    await system.stop();
  }
}

async function dumpOf({ redisUrl }: System, version: string, prefixes: readonly string[]): Promise<Dump> {
  const redis = new Redis(redisUrl);
  try {
    return await readDump(redis, version, prefixes);
  } finally {
    redis.disconnect();
  }
}
