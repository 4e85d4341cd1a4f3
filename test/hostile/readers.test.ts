import { afterAll, beforeAll, expect, test } from 'vitest';
import { Redis } from 'ioredis';
import { clusterKeys } from '../../src/adapters/redis/keys.ts';
import { auditEntry } from '../../src/core/incident/entry.ts';
import { readAnswer } from '../../src/core/talk/question.ts';
import { type Reader, readerSchema } from '../../src/core/talk/readers.ts';
import { slackIds } from '../../src/adapters/slack/approver-ids.ts';
import type { Cluster } from '../../src/adapters/slack/listeners/deps.ts';
import { slackLogger } from '../../src/adapters/slack/slack-logger.ts';
import { placeOf } from '../../src/adapters/slack/place.ts';
import { createWebClient, resolveChannels } from '../../src/adapters/slack/web-client.ts';
import { hourMs } from '../../src/core/units/duration.ts';
import { createChannels } from '../../src/flow/show/channels.ts';
import { sendDigests } from '../../src/flow/digest/send-digests.ts';
import { aKill, anExplanation } from '../fixtures/incidents.ts';
import type { TopRow } from '../../src/core/talk/top.ts';
import { eventually, until } from '../eventually.ts';
import { aLine, type BotWorld, openBotWorld, silentLog } from '../flow/show/bot-world.ts';
import { choose, startTalking, whispers } from '../flow/slack/talking-bot.ts';
import { openTestRedis, type TestRedis } from '../redis.ts';

/* What belongs into the private channel of the payments team is asked for by everybody, everywhere. */

let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

/** Stands in a log line, in the value of a variable and in the verdict. */
const canary = 'canary-1f9c';
const workload = 'card-vault';

const readers = (...given: readonly unknown[]): readonly Reader[] =>
  given.map((one) => readerSchema(slackIds).parse(one));

interface Private {
  readonly world: BotWorld;
  readonly id: string;
  /** Everything that was shown in answer to a command, to the person or to the channel. */
  readonly ask: (text: string, where?: string) => Promise<string>;
}

const ask: Cluster['ask'] = async (question) =>
  readAnswer(
    'prod',
    question,
    question.ask === 'log'
      ? { to: 'log', is: 'found', pod: 'p', container: 'app', text: canary, note: null }
      : { to: 'top', rows: [aRow], more: 0, containers: 1, withoutLimit: 0, source: null, notes: [aNote] },
    '1.0.0',
  );

/** What a server answered. */
const aNote = `Of the pods of payments some could not be read: ${workload} is forbidden`;

const aRow: TopRow = {
  cluster: 'prod',
  namespace: 'payments',
  workload: { kind: 'Deployment', name: workload },
  container: 'app',
  pods: 1,
  pod: `${workload}-1`,
  usedBytes: 90,
  limitBytes: 100,
  fullInMs: null,
  bytesPerSecond: null,
  kills24h: 3,
  kills7d: 3,
  atLeast: false,
  lastKillAt: null,
};

/** What is said alone of an answer that is late, or that comes for everybody. */
const announced = /^Collecting…|^Here it is, /;

/** The verdict says `told`. */
async function payments(
  policy: readonly Reader[] = [],
  isPrivate = true,
  told = canary,
  answer: Cluster['ask'] = ask,
): Promise<Private> {
  const world = await openBotWorld(redis.url, { isPrivate, readers: policy });
  await startTalking(world, { ask: answer });
  const id = await world.kill(workload, undefined, 'payments', { suspect: false });
  const explained = anExplanation();
  const evidence = [{ label: 'Log', text: `last lines: ${canary}`, source: 'kubelet', at: 0, missing: false }];
  const [verdict, ...others] = explained.diagnosis.hypotheses;
  if (verdict === undefined) throw new Error('no verdict');
  const diagnosis = {
    ...explained.diagnosis,
    hypotheses: [{ ...verdict, sentence: `${verdict.sentence} ${told}`, for: [canary] }, ...others],
  };
  await world.update(id, { explained: { ...explained, evidence, diagnosis } });
  await world.showAll(await world.bot(), id);
  const shown = () => [...world.slack.store.ephemerals(), ...world.slack.store.timeline(world.channel)];
  return {
    world,
    id,
    ask: async (text, where = world.channel) => {
      const before = shown().map(({ ts }) => ts);
      const result = await world.slack.control.command({ user: 'sam', channel: where, text });
      expect(result.ok).toBe(true);
      return until(`${text} is answered`, () => {
        const answered = shown().find((one) => !before.includes(one.ts) && !announced.test(one.text));
        return answered === undefined ? null : JSON.stringify(answered);
      });
    },
  };
}

/** An incident that an alert opened, with a second alert in its thread. */
async function alerted(world: BotWorld): Promise<string> {
  const subject = { ...aKill().subject, cluster: world.cluster, namespace: 'payments' };
  const of = { is: 'alert', name: 'MemoryHigh', summary: `says ${canary}` } as const;
  const warning = { at: aKill().seenAt, of, calm: null };
  const warned = await world.store.warn({ ...aKill({ subject }), kind: 'ahead', warning }, null, 'act');
  if (warned.is !== 'opened') throw new Error(`the warning was ${warned.is}`);
  const again = {
    fingerprint: 'a1',
    startsAt: '',
    name: 'MemoryHigh',
    summary: `says ${canary} again`,
    resolvedAt: null,
  };
  await world.update(warned.incident, {}, [auditEntry({ type: 'alerted', alert: again, at: 1 })]);
  await world.showAll(await world.bot(), warned.incident);
  return warned.incident;
}

const everyWay = (id: string): readonly string[] =>
  [`list`, `list payments`, `show ${id}`, `why ${id}`, `why ${workload}`, 'top', 'status'].flatMap((words) => [
    `/oom ${words}`,
    `/oom ${words} --share`,
  ]);

test('outside of a private channel an answer has names and where to read on, and nothing of the evidence', async () => {
  const { ask: asked, id } = await payments();

  for (const command of everyWay(id)) expect(`${command}: ${await asked(command)}`).not.toContain(canary);
  for (const command of ['list', `show ${id}`, `why ${id}`, 'top']) {
    expect(await asked(`/oom ${command}`)).toContain(workload);
    expect(await asked(`/oom ${command} --share`)).toContain(workload);
  }
  const why = await asked(`/oom why ${id}`);
  expect(why).toContain('only shown in its own channel');
  expect(why).toContain('Open its thread');
});

test('in the private channel itself an answer is complete', async () => {
  const { ask: asked, id, world } = await payments();

  for (const words of ['why', 'show']) expect(await asked(`/oom ${words} ${id}`, world.routed)).toContain(canary);
});

test('outside of a public channel an answer has the verdict and where to read on, and nothing that was read', async () => {
  const { ask: asked, id, world } = await payments([], false, 'said so');

  for (const command of everyWay(id)) expect(`${command}: ${await asked(command)}`).not.toContain(canary);
  for (const command of ['list', `show ${id}`, `why ${id}`]) {
    expect(await asked(`/oom ${command}`)).toContain('said so');
    expect(await asked(`/oom ${command} --share`)).toContain('said so');
  }
  const why = await asked(`/oom why ${id}`);
  expect(why).toContain('The evidence is only shown in its own channel');
  expect(why).toContain('Open its thread');
  expect(await asked(`/oom why ${id}`, world.routed)).toContain(canary);
});

test('names that policy hides are not told either: not listed, not completed, not even known', async () => {
  const { ask: asked, id, world } = await payments(readers({ namespaces: ['pay*'], names: false }));
  const near = `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`;

  for (const command of [...everyWay(id), `/oom why ${near}`, `/oom why ${workload}x`, '/oom list payment']) {
    const answer = await asked(command);
    const names = [canary, workload, 'payments', id].filter((name) => !command.includes(name));
    expect(names.filter((name) => answer.includes(name))).toEqual([]);
    expect(answer).not.toContain(`${world.cluster}/payments`);
  }
  expect(await asked(`/oom why ${id}`)).toContain(`I know no incident ${id}`);
  expect(await asked('/oom top')).toContain('Some of it could not be read.');
  expect(await asked('/oom list')).toContain('1 incident is only shown in its own channel.');
  expect(await asked('/oom top')).toContain('1 container is only shown in its own channel.');
  expect(await asked(`/oom why ${id}`, world.routed)).toContain(canary);
});

test('why a worker could not answer is told only where no names are hidden', async () => {
  const failing: Cluster['ask'] = async (question) =>
    readAnswer('prod', question, { to: 'failed', reason: `${workload} is forbidden` }, '1.0.0');
  const hiding = await payments(readers({ namespaces: ['pay*'], names: false }), true, '', failing);
  const naming = await payments([], true, '', failing);

  for (const command of ['/oom top', '/oom status']) {
    const answer = await hiding.ask(command);
    expect(answer).toContain('could not answer. Why is not shown here');
    expect(answer).not.toContain(workload);
    expect(await naming.ask(command)).toContain(`${workload} is forbidden`);
  }
});

test('a document that cannot be read is named only where no names are hidden', async () => {
  const hiding = await payments(readers({ namespaces: ['pay*'], names: false }));
  const naming = await payments();
  for (const { world } of [hiding, naming]) {
    const torn = await world.kill('torn', undefined, 'payments', { suspect: false });
    const client = new Redis(redis.url);
    await client.hset(clusterKeys(world.cluster).of(torn).incident, 'document', '{');
    await client.quit();
  }

  expect(await hiding.ask('/oom list')).toMatch(/1 stored document could not be read and is left out\. The log/);
  expect(await naming.ask('/oom list')).toMatch(/1 stored document could not be read and is left out: \S/);
});

test('an alert in a thread that had to leave its private channel is not told there, nor what it says in the root', async () => {
  const world = await openBotWorld(redis.url, { isPrivate: true });
  const open = await openBotWorld(redis.url);
  for (const { slack, routed } of [world, open])
    slack.faults.inject({ kind: 'is_archived', channel: routed, standing: true });
  await alerted(world);
  await alerted(open);

  expect(JSON.stringify(world.roots())).toContain('Alertmanager says MemoryHigh');
  expect(JSON.stringify([world.roots(), world.replies()])).not.toContain(canary);
  expect(JSON.stringify(open.roots())).toContain(`says ${canary}`);
  expect(JSON.stringify(open.replies())).toContain(`says ${canary} again`);
});

test('whom policy names reads all of it, but shares no more than everybody in the channel may read', async () => {
  const sams = 'shop-team';
  const world = await openBotWorld(redis.url);
  const group = world.slack.workspace.groups.find(({ handle }) => handle === sams)?.id ?? '';
  const { ask: asked, id } = await payments(readers({ namespaces: ['payments'], who: [group] }));

  expect(await asked(`/oom why ${id}`)).toContain(canary);
  expect(await asked(`/oom why ${id} --share`)).not.toContain(canary);
});

test('which channels are public is what Slack says of them, by name or by id; one that it does not say is none', async () => {
  const world = await openBotWorld(redis.url, { isPrivate: true });
  const { slack, channel, routed, cluster } = world;
  const options = {
    token: slack.botToken,
    slackApiUrl: slack.apiUrl,
    timeoutMs: 5_000,
    logger: slackLogger(silentLog),
  };
  const names = [`oom-alerts-${cluster}`, routed, 'C0NOBODY00'];

  const { ids, publicIds } = await resolveChannels(createWebClient(options), names);

  expect(names.map((name) => ids.get(name))).toEqual([channel, routed, 'C0NOBODY00']);
  expect([channel, routed, 'C0NOBODY00'].map((id) => publicIds.has(id))).toEqual([true, false, false]);
});

test('that Slack lists no channels is said, because all that are named by id count as private then', async () => {
  const { slack, channel } = await openBotWorld(redis.url);
  const { botToken: token, apiUrl: slackApiUrl } = slack;
  slack.faults.inject({ kind: 'http-500', method: 'conversations.list' });

  const { ids, publicIds, unlisted } = await resolveChannels(
    createWebClient({ token, slackApiUrl, timeoutMs: 5_000, logger: slackLogger(silentLog) }),
    [channel],
  );

  expect([ids.get(channel), publicIds.size]).toEqual([channel, 0]);
  expect(unlisted?.message).toContain('conversations.list');
});

test('where a channel cannot be found, the daily message in its place has names, and of hidden ones nothing', async () => {
  const kill = aKill({ seenAt: 2 * hourMs, suspect: true });
  const routes = [{ clusters: ['*'], namespaces: ['shop'], labels: {}, channel: 'lost' }];
  const nothing = async () => [];
  const digestWith = async (policy: readonly Reader[]): Promise<readonly string[]> => {
    const sent: string[] = [];
    const reading = { readers: policy, publicIds: new Set(['C1']) };
    const store = { open: nothing, results: nothing, load: async () => null, ignored: nothing };
    await sendDigests({
      clusters: async () => [
        { store: { ...store, suspects: async () => [{ kill, why: canary }] }, place: async () => null },
      ],
      channels: createChannels({ routes, named: [] }, 'alerts', new Map([['alerts', 'C1']]), reading),
      timeOf: () => ({ at: { minutes: 3 * 60, zone: 'UTC' }, weekly: null }),
      digests: {
        read: async () => ({ revision: 0, claims: {}, sent: false }),
        write: async (_channel, _slot, digest) => digest,
      },
      queues: { run: async (_channel, _kind, work) => work(() => undefined) },
      chat: {
        post: async ({ channel }, content) => {
          sent.push(`${channel} ${JSON.stringify(content)}`);
          return placeOf(channel, '1');
        },
        find: nothing,
        remove: async () => undefined,
      },
      now: async () => 3 * hourMs,
      settings: { searchAgainMs: 0 },
      trouble: () => undefined,
    });
    return sent;
  };

  expect(await digestWith([])).toEqual([expect.stringMatching(/^C1 .*checkout/)]);
  expect((await digestWith([])).join()).not.toContain(canary);
  expect(await digestWith(readers({ names: false }))).toEqual([]);
});

test('the log goes into the thread of its own channel, and not into one that had to move to another', async () => {
  const own = await payments();
  const [root] = own.world.roots(own.world.routed);
  const click = { user: 'sam', channel: own.world.routed, ts: root?.ts ?? '', actionId: 'menu' };
  const filesIn = (channel: string, ts: string): number =>
    own.world.slack.store.replies(channel, ts).flatMap(({ files }) => [...files]).length;
  await own.world.slack.control.click({ ...click, value: logOption(own.world, own.world.routed, click.ts) });
  await eventually(() => expect(filesIn(own.world.routed, click.ts)).toBe(1));

  own.world.slack.faults.inject({ kind: 'is_archived', channel: own.world.routed, standing: true });
  await own.world.update(own.id, {}, [aLine(`evidence ${canary}`), aLine('what somebody did', { kind: 'audit' })]);
  await own.world.showAll(await own.world.bot(), own.id);
  const moved = own.world.roots().at(-1)?.ts ?? '';
  await choose(own.world, moved, 'Logs');
  await eventually(() =>
    expect(whispers(own.world)).toContainEqual(
      expect.stringContaining('Not everybody in this channel may read this log'),
    ),
  );

  const texts = own.world.replies().map(({ text }) => text);
  expect(filesIn(own.world.channel, moved)).toBe(0);
  expect(texts).toContainEqual(expect.stringContaining('without evidence and logs.'));
  expect(texts).toContain('what somebody did');
  expect(texts.join('\n')).not.toContain(canary);
});

/** What the menu of a root in some channel sends for *Logs*. */
function logOption(world: BotWorld, channel: string, ts: string): string {
  const blocks = JSON.stringify(world.slack.store.find(channel, ts)?.blocks ?? []);
  return /"value":"(log\|(?:[^"\\]|\\.)*)"/.exec(blocks)?.[1]?.replaceAll('\\"', '"') ?? '';
}
