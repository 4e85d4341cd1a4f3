import { expect, test } from 'vitest';
import { addVictim } from '../acceptance/victims.ts';
import { ask, personNamed } from '../acceptance/people.ts';
import { threadAbout } from '../acceptance/threads.ts';
import { eventually } from '../eventually.ts';
import { skipUnlessLongIsWanted } from '../long.ts';
import { startSystem } from '../system.ts';

skipUnlessLongIsWanted();

test('a pod whose texts are made to keep a process busy is told of, one with half characters too, and the next one', async ({
  onTestFinished,
}) => {
  const system = await startSystem();
  onTestFinished(system.stop);
  const { world } = system;
  const emoji = `:${'a'.repeat(200_000)}`;

  addVictim(world, {
    name: 'hostile',
    kills: 1,
    ownAnnotations: { 'oomkeeper.dev/source': emoji },
    annotations: { 'example.com/blob': emoji },
    env: { JAVA_TOOL_OPTIONS: `-Xmx1g ${'${'.repeat(100_000)}`, NODE_OPTIONS: '"\'$A'.repeat(1_000) },
  });
  await eventually(() => expect(threadAbout(world, 'hostile').verdict).not.toBe(''));
  addVictim(world, {
    name: 'halved',
    kills: 1,
    ownAnnotations: { 'oomkeeper.dev/source': 'acme/deploy//apps/\ud83d.yaml' },
    annotations: { 'example.com/half': '\ud83d' },
    env: { JAVA_TOOL_OPTIONS: '-Xmx32m -Dname=\ud83d' },
  });
  await eventually(() => expect(threadAbout(world, 'halved').verdict).not.toBe(''));
  addVictim(world, { name: 'honest', kills: 1 });

  await eventually(() => expect(threadAbout(world, 'honest').verdict).not.toBe(''));
  expect(JSON.stringify(threadAbout(world, 'hostile').replies)).not.toContain('a'.repeat(2_000));
  expect(JSON.stringify(threadAbout(world, 'halved'))).not.toMatch(/\\ud83d(?!\\ud)/i);
  expect(await ask(world, personNamed(world, 'lena'), '/oom why \ud83d')).toContain('\ufffd');
}, 240_000);
