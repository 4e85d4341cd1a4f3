import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const heartbeatMs = 2_000;
const forgottenAfterMs = 30_000;

/** @type {typeof import('./lock.mjs').withLock} */
export async function withLock(path, work, onWait) {
  await mkdir(dirname(path), { recursive: true });
  for (let tries = 0; !(await take(path)); tries += 1) {
    if (tries === 0) onWait?.();
    if (await isForgotten(path)) await removeForgotten(path);
    else await pause(200);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    // A lock that cannot be touched still holds: others wait for 30 s before they doubt it.
    utimes(path, now, now).catch(() => undefined);
  }, heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(path, { recursive: true, force: true });
  }
}

/** @param {string} path */
async function take(path) {
  try {
    await mkdir(path);
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
  await writeFile(join(path, 'owner'), String(process.pid));
  return true;
}

/** @param {string} path */
async function isForgotten(path) {
  const touched = await stat(path).catch(() => undefined);
  if (!touched) return false;
  if (Date.now() - touched.mtimeMs > forgottenAfterMs) return true;
  const owner = Number(await readFile(join(path, 'owner'), 'utf8').catch(() => ''));
  return owner > 0 && !isAlive(owner);
}

/**
 * Two waiters may find the same forgotten lock. Without a second, short lock around looking again and removing, the
 * slower one would remove the lock that the faster one has just taken.
 * @param {string} path
 */
async function removeForgotten(path) {
  const breaking = `${path}.breaking`;
  if (!(await take(breaking))) {
    const touched = await stat(breaking).catch(() => undefined);
    if (touched && Date.now() - touched.mtimeMs > forgottenAfterMs)
      await rm(breaking, { recursive: true, force: true });
    await pause(50);
    return;
  }
  try {
    if (await isForgotten(path)) await rm(path, { recursive: true, force: true });
  } finally {
    await rm(breaking, { recursive: true, force: true });
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

/**
 * @param {unknown} error
 * @param {string} code
 */
function isCode(error, code) {
  return error instanceof Error && 'code' in error && error.code === code;
}
