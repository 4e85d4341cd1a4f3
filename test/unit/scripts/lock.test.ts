import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withLock } from '../../../scripts/lock.mjs';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a lock', () => {
  test('lets one at a time work, and tells the others once that they wait', async () => {
    const path = join(folder, 'deep', 'lock');
    let inside = 0;
    let most = 0;
    let told = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await nextTurn();
      inside -= 1;
    };

    await Promise.all(Array.from({ length: 5 }, () => withLock(path, work, () => (told += 1))));

    expect(most).toBe(1);
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThan(5);
    expect(existsSync(path)).toBe(false);
  });

  test('is given back when the work fails', async () => {
    const path = join(folder, 'lock');

    await expect(withLock(path, () => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk');

    expect(existsSync(path)).toBe(false);
  });

  test('is taken over by one alone from a process that is gone', async () => {
    const path = join(folder, 'lock');
    const { pid } = spawnSync('true');
    await mkdir(path);
    await writeFile(join(path, 'owner'), String(pid));
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await nextTurn();
      inside -= 1;
    };

    await Promise.all(Array.from({ length: 5 }, () => withLock(path, work)));

    expect(most).toBe(1);
  });

  test('is taken over when nobody has touched it for long', async () => {
    const path = join(folder, 'lock');
    await mkdir(path);
    await writeFile(join(path, 'owner'), String(process.pid));
    const aMinuteAgo = new Date(Date.now() - 60_000);
    await utimes(path, aMinuteAgo, aMinuteAgo);

    const result = await withLock(path, () => Promise.resolve('mine'));

    expect(result).toBe('mine');
  });
});
