import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { projectRoot } from '../../../scripts/project.mjs';

let folder: string | null = null;
afterEach(async () => {
  if (folder !== null) await rm(folder, { recursive: true, force: true });
  folder = null;
});

/** The build, with an npm that says what it is asked for and does `then`. */
async function build(then: string) {
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-ci-test-'));
  const npm = join(folder, 'npm');
  await writeFile(npm, `#!/bin/sh\necho "$*" >> "${join(folder, 'asked')}"\necho "asked for $*"\n${then}\n`);
  await chmod(npm, 0o755);
  const child = spawn(process.execPath, [join(projectRoot, 'scripts/ci.mjs')], {
    env: { ...process.env, PATH: `${folder}:/usr/bin:/bin` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit').then(([code]: unknown[]) => code);
  const begun = once(child.stdout, 'data');
  return { child, exited, begun, asked: async () => (await readFile(join(folder ?? '', 'asked'), 'utf8')).trim() };
}

test('a build that is told to stop waits for the end of what it has begun, and begins nothing else', async () => {
  const { child, exited, begun, asked } = await build('trap "exit 0" TERM\nwhile :; do sleep 0.05; done');
  await begun;

  child.kill('SIGTERM');

  expect(await exited).toBe(143);
  expect(await asked()).toBe('test');
});

test('a build whose tests were stopped by somebody begins nothing else', async () => {
  const { child, exited, asked } = await build('kill -TERM $$');
  child.stdout.resume();

  expect(await exited).toBe(143);
  expect(await asked()).toBe('test');
});
