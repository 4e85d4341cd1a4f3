import { expect, test } from 'vitest';
import { addVictim } from '../acceptance/victims.ts';
import { threadAbout } from '../acceptance/threads.ts';
import { eventually } from '../eventually.ts';
import { startSystem } from '../system.ts';

test('a pod whose every text is made to keep a process busy is told of, and so is the next one', async ({
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
  addVictim(world, { name: 'honest', kills: 1 });

  await eventually(() => expect(threadAbout(world, 'honest').verdict).not.toBe(''));
  expect(JSON.stringify(threadAbout(world, 'hostile').replies)).not.toContain('a'.repeat(2_000));
});
