import { afterEach, expect, test } from 'vitest';
import { renderEntry } from '../../src/adapters/slack/blocks/entry.ts';
import { renderRoot } from '../../src/adapters/slack/blocks/root.ts';
import { createLog } from '../../src/adapters/telemetry/log.ts';
import type { RedisClient } from '../../src/adapters/redis/redis-client.ts';
import { envChangeSchema } from '../../src/core/recommend/env-change.ts';
import type { Remediation } from '../../src/core/incident/incident.ts';
import { deployment, Mi } from '../fixtures/manifests.ts';
import { closeForgeWorlds, path, repo, startForgeWorld } from '../flow/github/forge-world.ts';
import type { ForgeWorld } from '../flow/github/forge-world.ts';
import { amira, minute, useWorlds } from '../flow/worker/worker-world.ts';
import type { WorkerWorld } from '../flow/worker/worker-world.ts';
import { applyShown } from './shown-diff.ts';

const worlds = useWorlds();
afterEach(closeForgeWorlds);

/** A password in the cluster, and one that the file has beside the flag. */
const canary = 'canary-hunter2';
const fileCanary = 'canary-of-the-file';
const name = 'JAVA_TOOL_OPTIONS';
const live = `-Xmx900m -Djavax.net.ssl.keyStorePassword=${canary} -Dfoo=1`;

/** The file that the workload is made from, with this value of the variable. */
function fileWith(value: string, memory = ['512Mi', '256Mi']): string {
  const [limit, request] = memory;
  return deployment(
    `resources: # measured in May\n  limits:\n    memory: ${limit}\n  requests:\n    memory: ${request}\nenv:\n  - name: ${name}\n    value: ${value}\n`,
  );
}

interface HostileWorld extends WorkerWorld {
  readonly id: string;
  readonly git: ForgeWorld;
  /** All lines that were logged. */
  readonly logged: readonly string[];
  /** Looks, and writes a log as the worker does. */
  readonly step: () => Promise<void>;
}

async function worldWith(file: string, env = live): Promise<HostileWorld> {
  const git = await startForgeWorld({ files: { [path]: file } });
  const world = await worlds.open({ forge: git.forge });
  const logged: string[] = [];
  const destination = { write: (line: string) => void logged.push(line) };
  const log = createLog({ level: 'debug', secrets: [], base: {}, destination });
  world.cluster.env = { [name]: env };
  world.cluster.source = `${repo}//${path}`;
  const id = await world.killed();
  const step = async (): Promise<void> =>
    world.lookWith(id, { log: (level, message, fields) => log[level](fields ?? {}, message) });
  await step();
  return { ...world, id, git, logged, step };
}

async function pullRequestOf(world: HostileWorld): Promise<Remediation> {
  const { remediations } = await world.incident(world.id);
  const found = remediations.findLast(({ plan }) => plan.source !== null);
  if (!found) throw new Error('no pull request is offered');
  return found;
}

async function approve(world: HostileWorld): Promise<Remediation> {
  const { plan } = await pullRequestOf(world);
  await world.ask(world.id, 'apply', amira, plan.id);
  await world.step();
  const { remediations } = await world.incident(world.id);
  return remediations.find((one) => one.plan.id === plan.id) ?? (await pullRequestOf(world));
}

function branchOf({ git }: HostileWorld): string {
  return git.pulls()[0]?.head ?? 'no branch';
}

/** The root and all of the thread, as they are sent. */
async function messagesOf(world: HostileWorld): Promise<string> {
  const loaded = await world.load(world.id);
  const entries = await world.entries(world.id);
  return JSON.stringify([
    renderRoot(loaded),
    ...entries.map((entry, index) => renderEntry({ id: String(index), entry }, loaded.incident)),
  ]);
}

/** Everything in Redis of this cluster. */
async function storedOf({ redis, name: cluster }: WorkerWorld): Promise<string> {
  const keys = (await redis.keys('*')).filter((key) => key.includes(cluster));
  return (await Promise.all(keys.map(async (key) => `${key} ${JSON.stringify(await valueOf(redis, key))}`))).join('\n');
}

async function valueOf(redis: RedisClient, key: string): Promise<unknown> {
  const type = await redis.type(key);
  if (type === 'hash') return redis.hgetall(key);
  if (type === 'stream') return redis.xrange(key, '-', '+');
  if (type === 'zset') return redis.zrange(key, '0', '-1');
  if (type === 'set') return redis.smembers(key);
  return type === 'list' ? redis.lrange(key, '0', '-1') : redis.get(key);
}

test.each([
  ['in quotes, with a comment', `"-XX:+UseG1GC -Dpw=${fileCanary} -Xmx900m" # see the wiki`],
  ['as a block', `>-\n      -Dpw=${fileCanary}\n      -Xmx900m`],
])('a password in the cluster reaches neither Git nor a message, Redis or a log: the file %s', async (_, value) => {
  const file = fileWith(value).replaceAll('\n', '\r\n');
  const world = await worldWith(file);
  const { plan } = await pullRequestOf(world);
  await approve(world);
  const { git } = world;

  const written = git.fileAt(branchOf(world)) ?? '';
  const [pull] = git.pulls();
  expect(pull).toMatchObject({ state: 'open' });
  expect(written).toBe(applyShown(file, plan.diff, 'name: app'));
  expect(written).toBe(
    file
      .replace('512Mi', `${(plan.to.limitBytes ?? 0) / Mi}Mi`)
      .replace('256Mi', `${(plan.to.requestBytes ?? 0) / Mi}Mi`)
      .replace('-Xmx900m', plan.env[0]?.words[0]?.to ?? ''),
  );
  expect(pull?.body).toContain(plan.diff);
  const told = [await messagesOf(world), await storedOf(world), ...world.logged];
  const everywhere = [
    ...told,
    JSON.stringify(git.github.control.state()),
    JSON.stringify(git.github.control.files(repo, branchOf(world))),
    pull?.body,
    pull?.title,
  ];
  expect(everywhere.join('\n')).not.toContain(canary);
  expect([...told, pull?.body, pull?.title].join('\n')).not.toContain(fileCanary);
});

test('where the file says something else than the cluster, the thread and the button say so before anything is written', async () => {
  const world = await worldWith(fileWith(`"-XX:+UseG1GC -Xmx900m -Dfoo=${fileCanary}"`, ['1Gi', '256Mi']));
  const { plan } = await pullRequestOf(world);
  const thread = (await world.thread(world.id)).join('\n');
  const messages = await messagesOf(world);
  const writesBefore = world.git.writes();
  await approve(world);

  const told = [
    'The limit in the file is 1Gi; the cluster runs with 512Mi. Merging this lowers it.',
    `${name} in the file differs from the cluster's: -Dfoo has another value; -XX:UseG1GC is only in the file; -Djavax.net.ssl.keyStorePassword is only in the cluster.`,
  ];
  expect(plan.drift.map(({ text }) => text)).toEqual(told);
  expect(thread).toContain(`The file differs from the cluster:\n• ${told.join('\n• ')}\n`);
  expect(thread).toContain('Open it if the rest of the file is right; if not, correct the file first.');
  expect(messages).toContain(`The file differs from the cluster in limit, ${name}; the thread says how.`);
  expect(writesBefore).toEqual([]);
  expect(world.git.pulls()).toHaveLength(1);
  expect(world.git.pulls()[0]?.body).toContain('Merging this lowers it.');
});

test('a file that is as the cluster differs in nothing, and nothing is asked', async () => {
  const world = await worldWith(fileWith(`'${live}'`));

  expect((await pullRequestOf(world)).plan.drift).toEqual([]);
  expect(await messagesOf(world)).not.toContain('differs');
});

test.each<[string, (world: HostileWorld) => void]>([
  [
    'the value in the file',
    ({ git }) => void git.github.control.push({ repo, files: { [path]: fileWith(`"-Xmx900m -Dbar=${fileCanary}"`) } }),
  ],
  [
    'the limit in the file',
    ({ git }) => void git.github.control.push({ repo, files: { [path]: fileWith(`"${live}"`, ['2Gi', '256Mi']) } }),
  ],
  [
    'the value in the cluster',
    ({ cluster }) => {
      cluster.env = { [name]: `${live} -Dbar=${canary}` };
    },
  ],
])(
  '%s is another than was shown: nothing is written, and what it is now needs an approval of its own',
  async (_, change) => {
    const world = await worldWith(fileWith(`"${live}"`));
    const before = await pullRequestOf(world);
    change(world);
    const late = await approve(world);
    const writes = world.git.writes();
    world.pass(minute);
    await world.step();
    const anew = await pullRequestOf(world);
    await approve(world);

    expect(late.state).toBe('stale');
    expect(writes).toEqual([]);
    expect(anew.plan.id).not.toBe(before.plan.id);
    expect(anew.state).toBe('proposed');
    expect(anew.plan.drift).not.toEqual(before.plan.drift);
    expect(world.git.pulls()).toHaveLength(1);
    expect(world.git.fileAt(branchOf(world))).toBe(applyShown(world.git.fileAt() ?? '', anew.plan.diff, 'name: app'));
  },
);

test('a file that changes at the very moment of the write is not written to', async () => {
  const world = await worldWith(fileWith(`"${live}"`));
  const { plan } = await pullRequestOf(world);
  const { forge } = world.git;
  const racing = {
    ...forge,
    propose: (proposal: Parameters<typeof forge.propose>[0]) => {
      world.git.github.control.push({ repo, files: { [path]: fileWith(`"${live} -Dbar=1"`) } });
      return forge.propose(proposal);
    },
  };
  await world.ask(world.id, 'apply', amira, plan.id);
  await world.lookWith(world.id, { forge: racing });

  const { remediations } = await world.incident(world.id);
  expect(remediations.find((one) => one.plan.id === plan.id)?.state).toBe('stale');
  expect(world.git.writes()).toEqual([]);
});

test.each<[string, string, RegExp]>([
  ['another flag than the cluster', '"-Xmx1g"', /has no -Xmx900m there/],
  ['the flag twice', '"-Xmx900m -Xmx900m"', /-Xmx900m more than once/],
  ['the flag in quotes', `'"-Xmx900m"'`, /has quotes/],
  ['a value that a template fills in', '"-Xmx900m {{ .Values.options }}"', /filled in by a template/],
])('a file that has %s gets no pull request, and why is told without a value', async (_, value, why) => {
  const world = await worldWith(fileWith(value));
  const { explained, remediations } = await world.incident(world.id);

  expect(explained?.noPullRequest).toMatch(why);
  expect(remediations.every(({ plan }) => plan.source === null)).toBe(true);
});

test('a write that fails leaves nothing of the file in the log', async () => {
  const file = fileWith(`"${live}"`);
  const world = await worldWith(file);
  for (let time = 0; time < 5; time += 1)
    world.git.github.faults.inject({ kind: 'http-502', operation: 'repos/create-or-update-file-contents' });
  await approve(world);

  const logged = world.logged.join('\n');
  expect(logged).toContain('pull request not opened');
  expect(logged).not.toContain(canary);
  expect(logged).not.toContain(Buffer.from(file).toString('base64').slice(0, 60));
});

test('what was stored with whole values is read as the words that change', () => {
  const read = envChangeSchema.parse({ name, from: live, to: live.replace('-Xmx900m', '-Xmx384m') });

  expect(read).toEqual({ name, words: [{ from: '-Xmx900m', to: '-Xmx384m' }], others: true });
});
