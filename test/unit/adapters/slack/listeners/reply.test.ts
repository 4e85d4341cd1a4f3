import { expect, test } from 'vitest';
import { reply, replySoon } from '../../../../../src/adapters/slack/listeners/reply.ts';
import type { Answer } from '../../../../../src/adapters/slack/blocks/answer.ts';
import { section } from '../../../../../src/adapters/slack/blocks/elements.ts';
import { table } from '../../../../../src/adapters/slack/blocks/table.ts';

class Refused extends Error {
  readonly statusCode: number;
  constructor(statusCode: number) {
    super(`Failed to respond: ${statusCode}`);
    this.statusCode = statusCode;
  }
}

/** A `respond` that refuses tables with this status, and what was sent. */
function respondRefusing(status: number) {
  const sent: unknown[] = [];
  const respond: Parameters<typeof reply>[0] = async (message) => {
    sent.push(message);
    if (typeof message !== 'string' && JSON.stringify(message).includes('"table"')) throw new Refused(status);
    return new Response();
  };
  return { sent, respond };
}

const answer: Answer = { text: 'all of it', blocks: [table([{ name: 'A' }], [['1']])], classic: [section('classic')] };

test('where Slack does not know tables the same is sent in classic blocks', async () => {
  const { sent, respond } = respondRefusing(400);

  await replySoon(respond, Promise.resolve(answer), true);

  expect(sent).toEqual([
    { response_type: 'in_channel', replace_original: false, text: 'all of it', blocks: answer.blocks },
    { response_type: 'in_channel', replace_original: false, text: 'all of it', blocks: answer.classic },
  ]);
});

test('where there is nothing classic the text says it all', async () => {
  const { sent, respond } = respondRefusing(400);

  await reply(respond, { text: 'all of it', blocks: answer.blocks });

  expect(sent.at(-1)).toMatchObject({ response_type: 'ephemeral', blocks: [section('all of it')] });
});

test('anything else that goes wrong is not sent again', async () => {
  const { sent, respond } = respondRefusing(404);

  await expect(reply(respond, answer)).rejects.toMatchObject({ statusCode: 404 });
  expect(sent).toHaveLength(1);
});
