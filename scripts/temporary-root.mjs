import { readFile, statfs } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';

const memory = '/dev/shm';
const enoughBytes = 4 * 2 ** 30;

/**
 * Below which tests put what they throw away: in memory where there is plenty, so that a disk which is busy with something
 * else does not keep them waiting. TMPDIR, where it is set, is used instead.
 * @returns {Promise<string>}
 */
export async function temporaryRoot() {
  if (process.env['TMPDIR'] !== undefined) return tmpdir();
  const mounts = await readFile('/proc/mounts', 'utf8').catch(() => '');
  const options =
    mounts
      .split('\n')
      .find((line) => line.split(' ')[1] === memory)
      ?.split(' ')[3]
      ?.split(',') ?? [];
  // Tests run scripts of their own from there.
  if (!options.includes('rw') || options.includes('noexec')) return tmpdir();
  const { bavail, bsize } = await statfs(memory);
  return Math.min(bavail * bsize, freemem()) >= enoughBytes ? memory : tmpdir();
}
