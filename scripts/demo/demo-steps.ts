import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { elapsed, say } from '../progress.mjs';
import { startRedis } from '../redis/redis.mjs';
import type { RunningRedis } from '../redis/redis.mjs';
import { temporaryFolder } from '../system.ts';

export type OnStop = (stop: () => Promise<void>) => void;

/** A path as whoever typed the command sees it: npm runs us in the project's folder. */
export function given(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? '.', path);
}

/** Does one thing and says how long it took. */
export async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  say(`${name} ready after ${elapsed(started)}`);
  return result;
}

/** Where the logs of the processes go: a folder that stays, if one was named. */
export async function logFolder(logs: string | undefined, onStop: OnStop): Promise<string> {
  if (logs !== undefined) {
    const path = given(logs);
    await mkdir(path, { recursive: true });
    return path;
  }
  const made = await temporaryFolder();
  onStop(made.remove);
  return made.path;
}

export async function redisFor(appendonly: boolean, onStop: OnStop): Promise<RunningRedis> {
  const started = await startRedis({ appendonly });
  onStop(() => started.stop());
  return started;
}
