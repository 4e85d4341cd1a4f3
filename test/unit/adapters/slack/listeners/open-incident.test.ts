import { expect, test } from 'vitest';
import { encodeButtonValue } from '../../../../../src/adapters/slack/blocks/button-value.ts';
import type { ListenerDeps } from '../../../../../src/adapters/slack/listeners/deps.ts';
import { onOpenIncident } from '../../../../../src/adapters/slack/listeners/open-incident.ts';
import { Failure } from '../../../../../src/core/failure.ts';
import type { Opening } from '../../../../../src/flow/show/needs.ts';

const value = encodeButtonValue({ cluster: 'prod', incident: 'INC-7F3K', plan: null, version: 0 });

/** What somebody who clicks is told, and what was opened for whom. */
async function click(
  text: string | undefined,
  open: () => Promise<Opening>,
): Promise<{ readonly told: readonly string[]; readonly opened: readonly string[] }> {
  const told: string[] = [];
  const opened: string[] = [];
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const openThread = async (incident: string, by: string): Promise<Opening> => {
    opened.push(`${incident} for ${by}`);
    return open();
  };
  const deps = { clusters: async () => [{ name: 'prod', openThread }], now: () => 0, log } as unknown as ListenerDeps;
  const clicked = {
    ack: async () => undefined,
    respond: async (answer: { readonly text: string; readonly response_type: string }) => {
      told.push(`${answer.response_type}: ${answer.text}`);
    },
    action: { value: text },
    body: { user: { id: 'UAMIRA' } },
  };
  await onOpenIncident(deps)(clicked as unknown as Parameters<ReturnType<typeof onOpenIncident>>[0]);
  return { told, opened };
}

test.each<[Opening['is'], string]>([
  ['opened', 'INC-7F3K gets a thread of its own, at the end of this channel.'],
  ['under-way', 'INC-7F3K is getting a thread of its own already'],
  ['has-thread', 'INC-7F3K has a thread of its own already'],
  ['no-incident', 'I no longer know INC-7F3K'],
])('somebody who opens an incident that is %s is told so, alone', async (is, sentence) => {
  const { told, opened } = await click(value, async () => ({ is }));

  expect(told).toEqual([expect.stringContaining(`ephemeral: ${sentence}`)]);
  expect(opened).toEqual(['INC-7F3K for UAMIRA']);
});

test.each([
  ['no value', undefined, 'cannot read what this button is about'],
  ['a value of somebody else', '{"c":"prod"}', 'cannot read what this button is about'],
  [
    'a cluster that is gone',
    encodeButtonValue({ cluster: 'old', incident: 'INC-7F3K', plan: null, version: 0 }),
    'do not speak for a cluster old',
  ],
])('a button with %s opens nothing and says so', async (_, text, sentence) => {
  const { told, opened } = await click(text, async () => ({ is: 'opened' }));

  expect(told).toEqual([expect.stringContaining(sentence)]);
  expect(opened).toEqual([]);
});

test('where the store cannot be reached, the person is told to try again', async () => {
  const { told } = await click(value, async () => Promise.reject(new Failure('redis-unreachable', 'Redis is down.')));

  expect(told).toEqual([expect.stringContaining('Please try again in a minute')]);
});
