import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { cacheRoot } from '../../../scripts/project.mjs';
import { freePort } from '../../../scripts/redis/redis.mjs';

/*
 * Alertmanager as it is: on PATH, in the folder that OOMKEEPER_TEST_ALERTMANAGER names, or as
 * `OOMKEEPER_TEST_ALERTMANAGER=fetch npm test -- alertmanager` has fetched it into .cache once.
 */
export interface RealAlertmanager {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

const names = ['prometheus-alertmanager', 'alertmanager'];
const startsWithinMs = 30_000;

/** The program; null where there is none. */
export function alertmanagerProgram(): string | null {
  const folders = [
    process.env['OOMKEEPER_TEST_ALERTMANAGER'] ?? '',
    join(cacheRoot, 'alertmanager', 'usr', 'bin'),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isProgram) ?? null;
}

/** One of its own on 127.0.0.1, with its data in a temporary folder and nobody to notify. */
export async function startRealAlertmanager(program: string): Promise<RealAlertmanager> {
  const home = mkdtempSync(join(tmpdir(), 'oomkeeper-alertmanager-'));
  const config = join(home, 'alertmanager.yml');
  writeFileSync(config, 'route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n');
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    program,
    [
      `--config.file=${config}`,
      `--storage.path=${home}`,
      `--web.listen-address=${new URL(url).host}`,
      '--cluster.listen-address=',
      '--log.level=error',
    ],
    // Where what was fetched has its templates (scripts/fetch-alertmanager.mjs).
    { stdio: ['ignore', 'ignore', 'pipe'], cwd: join(dirname(program), '..', '..') },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = `${said}${String(chunk)}`.slice(-2000)));
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    rmSync(home, { recursive: true, force: true });
  };
  const until = Date.now() + startsWithinMs;
  while (!(await isReady(`${url}/-/ready`))) {
    if (child.exitCode !== null || Date.now() > until) {
      await stop();
      throw new Error(`Alertmanager did not start: ${said}`);
    }
    await pause(20);
  }
  return { url, stop };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function isReady(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}
