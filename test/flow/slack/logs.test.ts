import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AnswerTo, Question, Reply } from '../../../src/core/talk/question.ts';
import { mostLogBytes, noAnswer, readAnswer } from '../../../src/core/talk/question.ts';
import type { Cluster } from '../../../src/adapters/slack/listeners/deps.ts';
import { Failure } from '../../../src/core/failure.ts';
import { seedWorkspace } from '../../../sandbox/slack/workspace.ts';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import { type BotWorld, openBotWorld } from '../show/bot-world.ts';
import { choose, proposed, startTalking, type TalkingOptions, whispers } from './talking-bot.ts';
import { eventually } from '../../eventually.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

type LogReply = Reply<AnswerTo<Extract<Question, { ask: 'log' }>>>;

/** A worker that answers every question for a log like this. */
function answering(reply: LogReply): { readonly ask: Cluster['ask']; readonly asked: Question[] } {
  const asked: Question[] = [];
  return {
    asked,
    ask: async (question) => {
      asked.push(question);
      return reply.is === 'no-answer' ? reply : readAnswer('prod', question, reply.answer, '1.0.0');
    },
  };
}

const found = (text: string, note: string | null = null): LogReply => ({
  is: 'answered',
  answer: { to: 'log', is: 'found', pod: 'checkout-7d9f-abcde', container: 'app', text, note },
});

interface Answered {
  readonly world: BotWorld;
  readonly id: string;
  readonly ts: string;
  readonly told: string;
}

async function askForLog(options: TalkingOptions, scopes = seedWorkspace().scopes, fault?: string): Promise<Answered> {
  const world = await openBotWorld(redis.url, { workspace: { scopes } });
  await startTalking(world, options);
  const { id, ts } = await proposed(world);
  if (fault !== undefined) world.slack.faults.inject({ kind: 'api-down', method: fault });
  await choose(world, ts, 'Logs');
  await eventually(() => expect(whispers(world).length).toBe(1));
  return { world, id, ts, told: whispers(world)[0] ?? '' };
}

/** Files in the thread with what is in them. */
async function filesIn({ world, ts }: Answered, count: number): Promise<readonly string[]> {
  const names = (): readonly string[] =>
    world.slack.store.replies(world.channel, ts).flatMap(({ files }) => [...files]);
  await eventually(() => expect(names().length).toBe(count));
  return names().map((name) => Buffer.from(world.slack.control.file(name)?.bytes ?? []).toString());
}

test('the log is a file in the thread, and the person is told', async () => {
  const { ask, asked } = answering(found('one\ntwo <!channel>\n'));

  const answered = await askForLog({ ask });

  expect(await filesIn(answered, 1)).toEqual(['one\ntwo <!channel>\n']);
  expect(answered.told).toBe('The log is in the thread.');
  expect(asked).toEqual([{ ask: 'log', incident: answered.id }]);
  const [file] = answered.world.slack.store.replies(answered.world.channel, answered.ts).flatMap(({ files }) => files);
  expect(answered.world.slack.control.file(file ?? '')).toMatchObject({
    name: `${answered.id}-checkout-7d9f-abcde-app.log`,
    title: 'Log of checkout-7d9f-abcde/app, the run that was killed',
  });
});

test('a log that is larger than what is sent says what is missing', async () => {
  const text = `${'x'.repeat(99)}\n`.repeat(mostLogBytes / 100);
  const { ask } = answering(found(text, 'Only the newest 256 KiB of 10240 KiB are in this file.'));

  const answered = await askForLog({ ask });

  expect((await filesIn(answered, 1))[0]).toHaveLength(text.length);
  expect(answered.told).toBe('The log is in the thread. Only the newest 256 KiB of 10240 KiB are in this file.');
});

test.each([
  ['it may not be read', 'There is no log to show: the worker may not read this log (403); grant it get on pods/log.'],
  ['there is none', 'There is no log to show: the pod is gone, and its log with it.'],
])('where %s the person is told why, once', async (_, reason) => {
  const { ask } = answering({ is: 'answered', answer: { to: 'log', is: 'missing', reason } });

  const answered = await askForLog({ ask });

  expect(answered.told).toBe(reason);
  expect(await filesIn(answered, 0)).toEqual([]);
});

test('where the worker does not answer the person is told so', async () => {
  const { ask } = answering(noAnswer('prod', 'nobody', null));

  expect((await askForLog({ ask })).told).toContain('The worker of prod did not answer within 10 s');
});

test('where the store cannot be reached the person is told to try again', async () => {
  const clusters = async (): Promise<never> => Promise.reject(new Failure('redis-unreachable', 'Redis is down.'));

  expect((await askForLog({ clusters })).told).toContain('Please try again in a minute');
});

test('without the right to upload the person learns which one is missing', async () => {
  const { ask } = answering(found('one\n'));
  const scopes = seedWorkspace().scopes.filter((scope) => scope !== 'files:write');

  const answered = await askForLog({ ask }, scopes);

  expect(answered.told).toContain('The log was read, but it is not in the thread.');
  expect(answered.told).toContain('needs files:write');
  expect(await filesIn(answered, 0)).toEqual([]);
});

test.each(['files.getUploadURLExternal', 'upload', 'files.completeUploadExternal'])(
  'where Slack fails at %s the person is told that the log is not there',
  async (method) => {
    const { ask } = answering(found('one\n'));

    const answered = await askForLog({ ask }, undefined, method);

    expect(answered.told).toContain('The log was read, but it is not in the thread.');
    expect(await filesIn(answered, 0)).toEqual([]);
  },
);
