import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { ProcessName } from '../../scripts/system.ts';
import { ownVersion } from '../../src/adapters/own-version.ts';
import { eventually } from '../eventually.ts';
import { skipUnlessLongIsWanted } from '../long.ts';
import { startSystem } from '../system.ts';
import type { System } from '../system.ts';
import { click, personNamed } from './people.ts';
import { allWords, threadAbout, toldTo } from './threads.ts';
import { addVictim } from './victims.ts';

skipUnlessLongIsWanted();

const readinessSchema = z.looseObject({ ok: z.boolean(), warnings: z.array(z.string()) });

test('processes that are too old for an incident say so once and in /readyz, leave it alone, and lose nothing of it', async ({
  onTestFinished,
}) => {
  const system = await startSystem();
  const redis = new Redis(system.redisUrl);
  onTestFinished(async () => {
    redis.disconnect();
    await system.stop();
  });
  const { world } = system;
  addVictim(world, { name: 'checkout', kills: 1, keepsRunning: true });
  const thread = () => threadAbout(world, 'checkout');
  await eventually(() => expect(thread().verdict).not.toBe(''));
  const key = `{oomkeeper:test}:incident:${thread().incident}`;
  const store = async (document: string): Promise<void> => {
    await redis.multi().hset(key, 'document', document).hincrby(key, 'version', 1).exec();
  };
  const known = (await redis.hget(key, 'document')) ?? '';
  const newer = JSON.stringify({ ...Object(JSON.parse(known)), schema: 99, writtenBy: '9.1.0' });

  await store(newer);
  const amira = personNamed(world, 'amira');
  await click(world, thread(), { user: amira, actionId: 'acknowledge', stale: true });

  await eventually(() =>
    expect(toldTo(world, amira).map(({ text }) => text)).toEqual([
      expect.stringContaining('Recorded. I am being updated'),
    ]),
  );
  const warning = `What is stored of incident ${thread().incident} was written by version 9.1.0. This is version ${ownVersion}, which does not know its schema 99: update this process`;
  await eventually(async () =>
    expect(await warningsOf(system, 'worker')).toMatchObject({
      ok: true,
      warnings: expect.arrayContaining([expect.stringContaining(warning)]),
    }),
  );
  await eventually(async () => expect(JSON.stringify(await warningsOf(system, 'bot'))).toContain('9.1.0'));
  expect(await redis.hget(key, 'document')).toBe(newer);

  await store(known);
  await eventually(() => expect(allWords(thread().root)).toContain(`<@${amira}>`));
  const told = (await system.said()).split('\n').filter((line) => line.includes('document not read'));
  const workers = told.filter((line) => line.includes('"process":"worker"'));
  expect(workers).toEqual([expect.stringContaining(warning)]);
});

async function warningsOf(system: System, name: ProcessName): Promise<z.infer<typeof readinessSchema>> {
  const answer = await fetch(`${system.process(name).opsUrl}/readyz`);
  return readinessSchema.parse(await answer.json());
}
