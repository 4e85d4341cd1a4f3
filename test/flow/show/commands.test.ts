import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { readCondition } from '../../../src/adapters/redis/store/cluster-condition.ts';
import { keepNamespaces, knownNamespaces } from '../../../src/adapters/redis/store/namespaces.ts';
import { closeRedis, connectRedis, redisReady } from '../../../src/adapters/redis/connection.ts';
import { runQuestionWorker, createQuestions } from '../../../src/adapters/redis/queues/questions.ts';
import { createSlackApp } from '../../../src/adapters/slack/bolt-app.ts';
import { commandWords } from '../../../src/core/talk/command.ts';
import {
  type WorkerAnswer,
  questionSchema,
  type DebtAnswer,
  type Question,
  type TopAnswer,
} from '../../../src/core/talk/question.ts';
import type { TopRow } from '../../../src/core/talk/top.ts';
import { stormOf } from '../../../src/flow/show/fold.ts';
import { noHomes } from '../../fixtures/homes.ts';
import { aKill, aRemediation, anExplanation } from '../../fixtures/incidents.ts';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import { type BotWorld, openBotWorld, silentLog } from './bot-world.ts';
import { asUtc } from '../../as-utc.ts';
import { eventually } from '../../eventually.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

type Answering = (question: Question) => WorkerAnswer | Promise<WorkerAnswer>;

interface Talk {
  readonly world: BotWorld;
  /** Types a command and waits for what the person alone is shown. */
  readonly command: (text: string) => Promise<{ readonly text: string; readonly blocks: string }>;
  readonly asked: readonly Question[];
}

/** A bot with a pretend Slack, and a worker that answers from behind a real Redis; null = there is no worker. */
async function talk(answering: Answering | null): Promise<Talk> {
  const world = await openBotWorld(redis.url);
  const roles = ['store', 'producer', 'worker'] as const;
  const [store, producer, queues] = roles.map((role) => connectRedis(redis.url, { role, onError: () => undefined }));
  if (!store || !producer || !queues) throw new Error('no connection');
  await redisReady(producer, 60_000);
  const asked: Question[] = [];
  const { slack, cluster: name } = world;
  await keepNamespaces(store, name, ['shop', 'other']);
  const questions = createQuestions({ redis: store, producer, cluster: name });
  const worker =
    answering === null
      ? null
      : runQuestionWorker({
          redis: queues,
          store,
          cluster: name,
          version: '1.0.0',
          concurrency: 2,
          onError: () => undefined,
          answer: async (raw) => {
            const question = questionSchema.parse(raw);
            asked.push(question);
            return answering(question);
          },
        });
  const app = await createSlackApp({
    botToken: slack.botToken,
    delivery: { appToken: slack.appToken },
    slackApiUrl: slack.apiUrl,
    log: silentLog,
    clusters: async () => [
      {
        name,
        store: world.store,
        hints: { advance: async () => undefined },
        openThread: async () => ({ is: 'no-incident' }),
        // Only where there is no worker does the time come, however busy the machine is.
        ask: (question, deadlineMs) => questions.ask(question, answering === null ? 2_000 : deadlineMs),
        namespaces: () => knownNamespaces(store, name),
        condition: () => readCondition(store, name),
        place: async (incident) => (await world.postings.read(incident))?.root ?? null,
        storm: (incident) => stormOf(incident, world),
      },
    ],
    reading: () => world.channels,
    homes: noHomes,
    stormMembers: async () => [],
    now: Date.now,
    onFatal: () => undefined,
  });
  onTestFinished(async () => {
    await app.stop();
    await worker?.close();
    await questions.close();
    await Promise.all([store, producer, queues].map(closeRedis));
  });
  await app.start();
  await eventually(() => expect(app.health()?.connected).toBe(2));

  return {
    world,
    asked,
    command: async (text) => {
      const before = slack.store.ephemerals().length;
      const result = await slack.control.command({ user: 'sam', channel: world.channel, text });
      expect(result.ok).toBe(true);
      return eventually(() => {
        const shown = slack.store.ephemerals().slice(before);
        expect(shown.map((one) => one.text)).toEqual([expect.not.stringContaining('Collecting…')]);
        return { text: asUtc(shown[0]?.text ?? ''), blocks: asUtc(JSON.stringify(shown[0]?.blocks)) };
      });
    },
  };
}

const Mi = 2 ** 20;

function aRow(cluster: string): TopRow {
  return {
    cluster,
    namespace: 'shop',
    workload: { kind: 'Deployment', name: 'checkout' },
    container: 'app',
    pods: 1,
    pod: 'checkout-1',
    usedBytes: 480 * Mi,
    limitBytes: 512 * Mi,
    fullInMs: null,
    bytesPerSecond: null,
    kills24h: 0,
    kills7d: 0,
    atLeast: false,
    lastKillAt: null,
  };
}

function aTop(changes: Partial<TopAnswer> = {}): TopAnswer {
  return {
    to: 'top',
    rows: [aRow('prod')],
    more: 0,
    containers: 1,
    withoutLimit: 0,
    source: 'metrics.k8s.io',
    notes: [],
    ...changes,
  };
}

function aDebt(changes: Partial<DebtAnswer> = {}): DebtAnswer {
  const { cluster, namespace, workload, container } = aRow('prod');
  const row = { cluster, namespace, workload, container, pods: 2, requestBytes: 2048 * Mi, limitBytes: 4096 * Mi };
  return {
    to: 'debt',
    rows: [{ ...row, peakBytes: 400 * Mi, requestDebtBytes: 3096 * Mi, limitDebtBytes: 7192 * Mi }],
    more: 0,
    requestDebtBytes: 3096 * Mi,
    limitDebtBytes: 7192 * Mi,
    measured: 4,
    notMeasured: 1,
    killed: 2,
    source: 'the highest of the last 24 h, Prometheus at http://p',
    price: { perGiBMonth: 4, currency: 'EUR' },
    notes: [],
    ...changes,
  };
}

const freezes = [
  { namespaces: ['sh*'], until: Date.now() + 3_600_000, reason: 'Black Friday' },
  { namespaces: ['pay'], until: Date.now() + 3_600_000, reason: 'audit' },
];

/** What a worker would answer. */
const answering: Answering = (question) => {
  switch (question.ask) {
    case 'top':
      return aTop();
    case 'debt':
      return aDebt();
    case 'status':
      return {
        to: 'status',
        mode: 'act',
        startedAt: 1,
        paused: null,
        usage: 'Prometheus at http://p',
        namespaces: [],
        freezes,
      };
    case 'pause':
      return { to: 'pause', is: 'paused', text: 'Paused by {0}.', people: [question.by] };
    case 'test':
      return { to: 'test', is: 'killed', text: `Killed in ${question.namespace} for {0}.`, people: [question.by] };
    case 'log':
      return { to: 'log', is: 'missing', reason: 'none' };
    case 'alerts':
      return { to: 'alerts', alerts: [] };
  }
};

test('the top is asked of the worker and shown as a table that says its source', async () => {
  const { command, asked, world } = await talk(answering);

  const { text, blocks } = await command(`/oom top ${world.cluster}/shop`);

  expect(asked).toEqual([{ ask: 'top', namespaces: ['shop'], limit: 100 }]);
  expect(blocks).toContain('"type":"table"');
  expect(blocks).toContain('94% of 512Mi');
  expect(text).toContain('shop/checkout app: 94% of its limit (480Mi of 512Mi) (near its limit)');
  expect(text).toContain('Usage: metrics.k8s.io');
});

test('a test is asked of the worker of one cluster, in the namespace that was named, by somebody with a name', async () => {
  const { command, asked, world } = await talk(answering);

  const { text } = await command('/oom test shop');
  const typo = await command('/oom test shpo');

  const [amira] = world.slack.workspace.people;
  expect(asked).toEqual([
    {
      ask: 'test',
      namespace: 'shop',
      by: expect.any(String),
      groups: expect.any(Array),
      name: expect.stringMatching(/^[A-Z]\w+$/),
    },
  ]);
  expect(amira).toBeDefined();
  expect(text).toMatch(/^Killed in shop for <@U\w+>\.$/);
  expect(typo.text).toBe('I know no cluster or namespace shpo. Did you mean shop?');
});

test('what has a thread is linked from the top', async () => {
  const { command, world } = await talk(answering);
  const id = await world.kill('checkout');
  await world.showAll(await world.bot(), id);

  const { text, blocks } = await command('/oom top');

  expect(blocks).toMatch(/"url":"https:\/\/[^"]*\/archives\/[^"]*","text":"shop\/checkout app"/);
  expect(text).toMatch(/<https:[^|]*\|thread>/);
});

test('with --share the whole channel sees it', async () => {
  const { world } = await talk(answering);

  await world.slack.control.command({ user: 'sam', channel: world.channel, text: '/oom top --share' });

  await eventually(() => expect(world.roots().some(({ blocks }) => blocks.includes('"type":"table"'))).toBe(true));
  expect(world.slack.store.ephemerals()).toEqual([]);
});

test('what takes longer than a second is announced, and that line then becomes the answer', async () => {
  const { promise, resolve } = Promise.withResolvers<WorkerAnswer>();
  const { world, command } = await talk(() => promise);
  const { store } = world.slack;

  const answered = command('/oom top');
  await eventually(() =>
    expect(store.ephemerals().map(({ text }) => text)).toEqual([expect.stringContaining('Collecting…')]),
  );
  resolve(aTop());

  expect((await answered).text).toContain('shop/checkout app');
  expect(store.ephemerals()).toHaveLength(1);
});

test('what takes longer and is for everybody is announced to the person alone', async () => {
  const { promise, resolve } = Promise.withResolvers<WorkerAnswer>();
  const { world } = await talk(() => promise);
  const { store } = world.slack;

  await world.slack.control.command({ user: 'sam', channel: world.channel, text: '/oom top --share' });
  await eventually(() =>
    expect(store.ephemerals().map(({ text }) => text)).toEqual([expect.stringContaining('Collecting…')]),
  );
  resolve(aTop());

  await eventually(() =>
    expect(world.roots().map(({ text }) => text)).toEqual([expect.stringContaining('shop/checkout app')]),
  );
  expect(store.ephemerals().map(({ text }) => text)).toEqual([expect.stringContaining('for everybody')]);
});

test('a namespace or cluster that does not exist is answered with the nearest, and no worker is asked', async () => {
  const { command, world, asked } = await talk(answering);

  expect((await command(`/oom top ${world.cluster}x/shop`)).text).toContain(`Did you mean ${world.cluster}?`);
  for (const word of ['status', 'resume'])
    expect((await command(`/oom ${word} shpo`)).text).toBe('I know no cluster or namespace shpo. Did you mean shop?');
  for (const word of ['top', 'list'])
    expect((await command(`/oom ${word} shpo`)).text).toBe(
      'I know no cluster, namespace or workload shpo. Did you mean shop?',
    );
  expect((await command('/oom list other')).text).toBe('No open incident in other.');
  expect((await command('/oom list other shpo')).text).toMatch(/^I know no cluster, namespace or workload shpo\./);
  expect(asked).toEqual([]);
});

test('a namespace is known where something was killed in it, and any may exist while nobody has written them down', async () => {
  const { command, world } = await talk(answering);
  await world.kill('api', undefined, 'brand-new');

  expect((await command('/oom list brand-new')).text).toContain('namespace brand-new');
  await world.loseRedis();
  expect((await command('/oom list shpo')).text).toBe('No open incident in shpo.');
});

test('words are read in any order, and a workload is one of them', async () => {
  const { command, asked, world } = await talk(answering);
  await world.kill('checkout');
  await world.kill('cart');

  await command(`/oom top shop ${world.cluster} checkout`);
  const list = await command('/oom list cart shop');
  const nowhere = await command('/oom top recommender');

  expect(asked).toEqual([
    { ask: 'top', namespaces: ['shop'], workloads: ['checkout'], limit: 100 },
    { ask: 'top', namespaces: [], workloads: ['recommender'], limit: 100 },
  ]);
  expect(list.text).toContain('1 open in cart shop');
  expect(nowhere.text).toMatch(/^I know no workload recommender there/);
});

test('a name that does not exist is the first thing that an answer says', async () => {
  const { command, world } = await talk(answering);
  await world.kill('checkout');

  for (const typed of ['/oom list shop shpo', '/oom top shop shpo'])
    expect((await command(typed)).text).toMatch(
      /^I know no cluster, namespace or workload shpo. Did you mean shop\?\n/,
    );
  const status = await command(`/oom status shop`);
  expect(status.text).toMatch(/^shop is a namespace, and a status is of a whole cluster/);
  expect(status.text).toContain(`${world.cluster}: `);
});

test('a list links the threads of its incidents, and its pages are turned in place', async () => {
  const { command, world } = await talk(answering);
  const { slack } = world;
  const shown = await world.kill('aaa');
  await world.showAll(await world.bot(), shown);
  for (let nth = 0; nth < 12; nth += 1) await world.kill(`later-${nth}`);

  const first = await command('/oom list shop');
  const ts = slack.store.ephemerals().at(-1)?.ts ?? '';
  await slack.control.click({ user: 'sam', channel: world.channel, ts, actionId: 'next-page' });

  expect(first.text).toContain('13 open in shop, rows 1 to 10 of 13');
  await eventually(() => expect(slack.store.ephemerals()[0]?.text).toContain('rows 11 to 13 of 13'));
  const second = slack.store.ephemerals()[0];
  expect(slack.store.ephemerals()).toHaveLength(1);
  expect(first.blocks + JSON.stringify(second?.blocks)).toMatch(
    new RegExp(`"url":"https://[^"]*/archives/[^"]*","text":"${shown}"`),
  );
  expect(JSON.stringify(second?.blocks)).toContain('previous-page');
});

test('a page that takes longer than a second is announced in its place, and then turned', async () => {
  let turned: Promise<WorkerAnswer> | null = null;
  const row = aDebt().rows[0];
  if (row === undefined) throw new Error('no row');
  const rows = Array.from({ length: 12 }, (_, at) => ({ ...row, container: `app-${at}` }));
  const { world, command } = await talk(() => turned ?? aDebt({ rows }));
  const { slack } = world;
  const shown = (): readonly string[] => slack.store.ephemerals().map(({ text }) => text);

  await command('/oom debt');
  const { promise, resolve } = Promise.withResolvers<WorkerAnswer>();
  turned = promise;
  const ts = slack.store.ephemerals()[0]?.ts ?? '';
  await slack.control.click({ user: 'sam', channel: world.channel, ts, actionId: 'next-page' });
  await eventually(() => expect(shown()).toEqual([expect.stringContaining('Collecting…')]));
  resolve(aDebt({ rows }));

  await eventually(() => expect(shown()).toEqual([expect.stringContaining('rows 11 to 12 of 12')]));
});

test('what is only a line of a storm is one line of the list too', async () => {
  const { command, world } = await talk(answering);
  const ids = await Promise.all(Array.from({ length: 9 }, async (_, at) => world.kill(`folded-${at}`)));
  const slowPosts = { burst: 1, perSecond: 0.05 };
  const flooded = await world.bot({ post: slowPosts, update: slowPosts, ephemeral: slowPosts }, 5);
  await Promise.all(ids.map(async (id) => flooded.show(id)));
  await flooded.stop();
  const storm = await world.showStorm(await world.bot(undefined, 5));

  const { text, blocks } = await command('/oom list');

  const handoff = await command('/oom handoff');
  expect(text).toContain('9 open');
  expect(handoff.text).toMatch(/Nobody has taken these \(9\)\nStorm \d incidents · </);
  expect(text.match(new RegExp(`<https://[^|]*\\|${storm}>`, 'g'))).toHaveLength(1);
  expect(blocks).toContain(`"text":"${storm}"`);
});

test('/oom why finds the workload that a mistyped name meant, says so first, and tells why', async () => {
  const { command, world } = await talk(answering);
  const id = await world.kill('sessions');
  await world.update(id, { explained: anExplanation() });

  const mistyped = await command('/oom why sesions');
  const elsewhere = await command('/oom why shop sesions');
  const named = await command('/oom why sessions');

  expect(mistyped.text).toMatch(/^I know no sesions; this is about sessions\.\n/);
  expect(mistyped.text).toContain(id);
  expect(mistyped.text).toContain('Limit too low: steady at 505Mi');
  expect(mistyped.text).toContain(`counted in ${id}`);
  expect(elsewhere.text).toContain('this is about sessions');
  const shown = await command('/oom show sesions');
  expect(shown.text).toMatch(/^I know no sesions; this is about sessions\.\n/);
  expect(shown.text).toContain('It has no thread of its own yet.');
  expect(named.text).not.toContain('I know no');
  expect(named.text).toContain('Limit too low: steady at 505Mi');
});

test('debt is told in bytes and money, with what is not measured', async () => {
  const { command, asked } = await talk(answering);

  const { text, blocks } = await command('/oom debt shop');

  expect(asked).toEqual([{ ask: 'debt', namespaces: ['shop'], limit: 100 }]);
  expect(text).toMatch(/^3Gi requested and 7Gi of limits above what is used in shop, about 12 EUR a month/);
  expect(text).toContain('shop/checkout app × 2: uses at most 400Mi, requests 2Gi, limit 4Gi;');
  expect(text).toContain('Not measured, or not for an hour yet: 1 container');
  expect(text).toContain('Left out: 2 containers of workloads that were killed');
  expect(text).toContain('Usage: the highest of the last 24 h, Prometheus at http://p');
  expect(blocks).toContain('"type":"table"');
});

test('without a measurement debt says that it cannot tell, and without a price how to get money', async () => {
  const { command } = await talk((question) =>
    question.ask === 'debt' && question.workloads !== undefined
      ? aDebt({ rows: [], measured: 0, notMeasured: 3, source: null, notes: ['There is no usage: none was found'] })
      : aDebt({ price: null }),
  );

  expect((await command('/oom debt recommender')).text).toContain('Cannot tell in recommender: nothing was measured');
  expect((await command('/oom debt')).text).toContain(
    'With memoryPrice in the policy file'.replace('memoryPrice', '`memoryPrice`'),
  );
});

test('a handoff tells what waits for whom, what is watched, what is open, and where changes are paused', async () => {
  const { command, world } = await talk(answering);
  const asked = await world.kill('asked');
  await world.update(asked, { explained: anExplanation(), remediations: [aRemediation('requested')] });
  const watched = await world.kill('watched');
  await world.update(watched, { explained: anExplanation(), remediations: [aRemediation('verifying')] });
  await world.kill('nobody');
  const paused = { by: 'UAMIRA', at: Date.now(), reason: 'db move' };
  await world.store.keepPause(paused, { ...paused, what: 'paused' });

  const { text } = await command(`/oom handoff ${world.cluster}`);

  expect(text).toMatch(new RegExp(`^Handoff in ${world.cluster}: 3 open`));
  expect(text).toContain(`${world.cluster} is paused since`);
  expect(text).toMatch(
    /Waiting for approval \(1\)[^]*asked[^]*Nobody has taken these \(1\)[^]*nobody[^]*Being watched \(1\)[^]*watched/,
  );
  expect(text).toContain('Waiting for');
  expect((await command('/oom handoff other')).text).toContain('Handoff in other: no open incident');
});

test('a handoff tells which freezes and silences are in force, as far as they are of what was asked about', async () => {
  const { command, world } = await talk(answering);
  const subject = { ...aKill().subject, cluster: world.cluster };
  const silence = { scope: 'workload' as const, by: 'UAMIRA', at: Date.now(), reason: 'load test' };
  const name = (workload: string) => ({ ...subject, workload: { kind: 'Deployment', name: workload } });
  await world.store.keepSilence(name('batch'), { ...silence, until: Date.now() + 3_600_000 });
  await world.store.keepSilence(name('ended'), { ...silence, until: Date.now() + 3_600_000 });
  await world.store.keepSilence(name('ended'), null);

  const whole = await command(`/oom handoff ${world.cluster}`);
  const shop = await command(`/oom handoff ${world.cluster}/shop`);

  expect(whole.text).toContain(`Policy freezes ${world.cluster} (namespaces sh∗) until`);
  expect(whole.text).toContain('Black Friday. Nothing is approved or changed there before.');
  expect(whole.text).toContain('(namespaces pay)');
  expect(whole.text).toMatch(
    /Ignored: kills of these open no thread \(1\)\n.*\/shop\/batch app until .*, by <@UAMIRA>. Reason: load test/,
  );
  expect(whole.text).not.toContain('ended');
  expect(shop.text).toContain('batch');
  expect(shop.text).not.toContain('(namespaces pay)');
});

test('a handoff without the worker says that its freezes are not known', async () => {
  const { command, world } = await talk(null);

  const { text } = await command('/oom handoff');

  expect(text).toContain(
    `Whether policy freezes ${world.cluster} is not known: The worker of ${world.cluster} did not answer`,
  );
});

test('help has at most eight commands, and each of its examples works here', async () => {
  const { command, world } = await talk(answering);
  await world.kill('checkout');

  const { text } = await command('/oom help');
  const all = await command('/oom help all');
  const examples = [...text.matchAll(/`(\/oom [^`]*)`  /g)].map(([, example = '']) => example);
  const others = [...all.text.matchAll(/`(\/oom [^`]*)`  /g)].map(([, example = '']) => example);

  expect(examples.length).toBeLessThanOrEqual(8);
  expect(new Set(others.map((example) => example.split(' ')[1]))).toEqual(new Set(commandWords));
  for (const example of others) expect((await command(example)).text).not.toMatch(/I know no|I do not know|Which one/);
});

test('a worker that is away is named, and what Redis knows is told all the same', async () => {
  const { command, world } = await talk(null);
  await world.kill();

  const [top, status] = [await command('/oom top'), await command('/oom status')];

  expect(top.text).toContain(`The worker of ${world.cluster} did not answer within 10 s.`);
  expect(status.text).toContain('its worker was not seen');
  expect(status.text).toContain('1 open incident;');
});

test('the status says what the worker says', async () => {
  const { command } = await talk(answering);

  expect((await command('/oom status')).text).toContain('acting, approved plans are carried out');
  expect((await command('/oom status')).text).toContain('usage: Prometheus at http://p');
});

test('an incident is shown as it stands, with the link to its thread, and without buttons', async () => {
  const { command, world } = await talk(answering);
  const id = await world.kill();
  await world.update(id, { explained: anExplanation() });

  const before = await command(`/oom show ${id}`);
  await world.showAll(await world.bot(), id);
  const after = await command(`/oom show ${id.toLowerCase()}`);
  const nobody = await command('/oom show INC-ZZZZZZZ');

  expect(before.text).toContain('It has no thread of its own yet.');
  expect(after.text).toContain('Limit too low: steady at 505Mi');
  expect(after.text).toMatch(/Its thread: https?:\/\/\S+\/archives\//);
  expect(after.blocks).not.toContain('"actions"');
  expect(nobody.text).toContain('I know no incident INC-ZZZZZZZ');
});

test('pausing is asked of the worker in the name of the person, with their groups', async () => {
  const { command, asked, world } = await talk(answering);
  const sam = world.slack.workspace.people.find(({ name }) => name === 'sam')?.id ?? '';
  const groups = world.slack.workspace.groups.filter(({ members }) => members.includes(sam)).map(({ id }) => id);

  const paused = await command('/oom pause release freeze');
  await command('/oom pause off');
  await command('/oom resume');
  const nowhere = await command('/oom resume shop');

  expect(paused.text).toBe(`${world.cluster}: Paused by <@${sam}>.`);
  expect(asked).toEqual([
    { ask: 'pause', want: 'paused', by: sam, groups, reason: 'release freeze' },
    { ask: 'pause', want: 'running', by: sam, groups, reason: null },
    { ask: 'pause', want: 'running', by: sam, groups, reason: null },
  ]);
  expect(nowhere.text).toContain('only whole clusters can be paused');
});
