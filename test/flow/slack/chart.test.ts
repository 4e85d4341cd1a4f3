import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChartSeries } from '../../../src/core/evidence/chart-series.ts';
import type { FaultRequest } from '../../../sandbox/slack/faults.ts';
import { seedWorkspace } from '../../../sandbox/slack/workspace.ts';
import { Mi } from '../../fixtures/incidents.ts';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import { aLine, type BotWorld, openBotWorld, type ShownMessage } from '../show/bot-world.ts';
import { mortal, waylaid } from '../show/mortal.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

const from = Date.UTC(2026, 10, 24, 8);
const series: ChartSeries = {
  title: 'shop/<checkout> app',
  samples: [0, 1, 2].map((at) => ({ t: from + at * 60_000, bytes: (200 + at * 100) * Mi })),
  limitBytes: 512 * Mi,
  requestBytes: 512 * Mi,
  proposedBytes: 640 * Mi,
  kills: [from + 120_000],
  from,
  to: from + 180_000,
  source: 'Prometheus',
};

/** An incident whose thread is about to get evidence with a chart. */
async function withChart(world: BotWorld): Promise<string> {
  const id = await world.kill();
  await world.store.keepChart(`${id}-1`, series);
  await world.update(id, {}, [aLine('evidence', { chart: `${id}-1` }), aLine('the plan', { kind: 'audit' })]);
  return id;
}

const pictured = ({ blocks }: ShownMessage): boolean => blocks.includes('"slack_file"');
const uploads = (world: BotWorld): number =>
  world.slack.requestLog().filter(({ method, ok }) => method === 'files.completeUploadExternal' && ok).length;

test('evidence comes with its chart and what it shows in words', async () => {
  const world = await openBotWorld(redis.url);
  const id = await withChart(world);

  await world.showAll(await world.bot(), id);

  const [evidence, plan] = world.replies();
  expect(world.replies()).toHaveLength(2);
  expect(evidence?.text).toBe('evidence');
  expect(evidence?.blocks).toContain('"type":"image","slack_file"');
  expect(evidence?.blocks).toContain('"alt_text":"Chart of the memory of shop/<checkout> app from 08:00:00 UTC');
  expect(plan?.blocks).not.toContain('slack_file');
});

test('a file that Slack has not looked at yet is shown all the same', async () => {
  const world = await openBotWorld(redis.url, { fileProcessingMs: 1_700 });
  const id = await withChart(world);

  await world.showAll(await world.bot(), id);

  expect(world.replies().map(pictured)).toEqual([true, false]);
  expect(uploads(world)).toBe(1);
});

const faults: readonly [string, FaultRequest][] = [
  ['gives no place for the file', { kind: 'http-500', method: 'files.getUploadURLExternal' }],
  ['does not take the bytes', { kind: 'api-down', method: 'upload' }],
  ['cuts the upload', { kind: 'cut-after-work', method: 'upload' }],
  ['does not complete the upload', { kind: 'http-500', method: 'files.completeUploadExternal' }],
  ['asks for fewer calls', { kind: 'ratelimited', method: 'files.getUploadURLExternal' }],
  ['keeps refusing the picture', { kind: 'invalid_blocks', method: 'chat.postMessage', count: 3 }],
];

test.each(faults)('where Slack %s the line stands there without a picture, once', async (_, fault) => {
  const world = await openBotWorld(redis.url);
  const id = await world.kill();
  const bot = await world.bot();
  await world.showAll(bot, id);
  await world.store.keepChart(`${id}-1`, series);
  await world.update(id, {}, [aLine('evidence', { chart: `${id}-1` })]);
  world.slack.faults.inject(fault);

  await world.showAll(bot, id);

  expect(world.replies().map(({ text }) => text)).toEqual(['evidence']);
  expect(world.replies().map(pictured)).toEqual([false]);
});

test('without the right to upload the line stands there without a picture', async () => {
  const scopes = seedWorkspace().scopes.filter((scope) => scope !== 'files:write');
  const world = await openBotWorld(redis.url, { workspace: { scopes } });
  const id = await withChart(world);

  await world.showAll(await world.bot(), id);

  expect(world.replies().map(({ text }) => text)).toEqual(['evidence', 'the plan']);
});

test('a chart that is gone or cannot be read keeps no line back', async () => {
  const world = await openBotWorld(redis.url);
  const id = await world.kill();
  await world.update(id, {}, [aLine('evidence', { chart: 'nowhere' })]);

  await world.showAll(await world.bot(), id);

  expect(world.replies().map(({ text }) => text)).toEqual(['evidence']);
});

test('a post that has to be tried again does not upload again', async () => {
  const world = await openBotWorld(redis.url);
  const id = await world.kill();
  const bot = await world.bot();
  await world.showAll(bot, id);
  await world.store.keepChart(`${id}-1`, series);
  await world.update(id, {}, [aLine('evidence', { chart: `${id}-1` })]);
  world.slack.faults.inject({ kind: 'http-500', method: 'chat.postMessage', count: 2 });

  await world.showAll(bot, id);

  expect(world.replies().map(pictured)).toEqual([true]);
  expect(uploads(world)).toBe(1);
});

test('evidence that is passed over in a silence is not drawn', async () => {
  const world = await openBotWorld(redis.url);
  const id = await world.kill();
  const bot = await world.bot();
  await world.showAll(bot, id);
  await world.store.keepChart(`${id}-1`, series);
  const silence = { scope: 'incident' as const, by: 'USAM', at: Date.now(), until: Date.now() + 60_000 };
  await world.update(id, { silence }, [aLine('evidence', { chart: `${id}-1` })]);

  await world.showAll(bot, id);

  expect(world.replies()).toEqual([]);
  expect(uploads(world)).toBe(0);
});

test('while an upload hangs the channel is open for others', async () => {
  const world = await openBotWorld(redis.url);
  const [began, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const hangs = waylaid('prepare', async (upload) => {
    began.resolve();
    await end.promise;
    return upload();
  });
  const bot = await world.bot(undefined, 0, hangs);
  const id = await withChart(world);
  const slow = world.showAll(bot, id);
  await began.promise;

  const other = await world.kill('other');
  await world.showAll(bot, other);
  const during = { roots: world.roots().length, replies: world.replies().length };
  end.resolve();
  await slow;

  expect(during).toEqual({ roots: 2, replies: 0 });
  expect(world.replies().map(({ text }) => text)).toEqual(['evidence', 'the plan']);
});

const moments = Array.from({ length: 24 }, (_, at) => [at + 1, at % 2 === 0 ? 'after' : 'before'] as const);

test.each(moments)(
  'a bot that dies at its call %i, %s it was done, leaves each line to be said once',
  async (calls, when) => {
    const world = await openBotWorld(redis.url, { fileProcessingMs: 0 });
    const id = await withChart(world);
    const { wrap, died } = mortal(calls, when);
    const bot = await world.bot(undefined, 0, wrap);
    await Promise.race([died, bot.show(id)]);
    await world.bury();

    await world.showAll(await world.bot(), id);

    expect(world.roots()).toHaveLength(1);
    expect(world.replies().map(({ text }) => text)).toEqual(['evidence', 'the plan']);
    expect(world.replies().map(pictured)).toEqual([true, false]);
    expect(await world.postings.due(10)).toEqual([]);
  },
);
