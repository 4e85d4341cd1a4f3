import { access, constants, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchPackages, unpackPackages, unpackedOnce } from './redis/debian-packages.mjs';

const programPath = ['usr', 'bin', 'prometheus-alertmanager'];
const share = '/usr/share/prometheus/alertmanager';

/**
 * Fetches Debian's or Ubuntu's package of Alertmanager and unpacks it into the project's cache, as it is done with
 * Prometheus. The second call finds what the first one left.
 * @param {(line: string) => void} log
 * @returns {Promise<string | undefined>} why there is none, or nothing
 */
export async function fetchAlertmanager(log) {
  let failed = 'what was unpacked holds no program';
  const unpacked = await unpackedOnce('alertmanager', {
    inspect: hasProgram,
    build: async (draft) => {
      log('Alertmanager: fetching the Debian package prometheus-alertmanager (10 MB) into .cache');
      const missing = (await fetchPackages(draft, ['prometheus-alertmanager'], log)) ?? (await unpackPackages(draft));
      if (missing !== undefined) failed = missing.split('\n').at(-1) ?? missing;
      else await moveShare(draft);
    },
    onWait: () => log('Alertmanager: another process is fetching it, waiting'),
  });
  return unpacked === undefined ? failed : undefined;
}

/**
 * NOTE: Debian's program reads its templates from /usr/share, where nothing is installed. The path in the program becomes
 * one below the folder that it is started in, `.usr`, which has the same length.
 * @param {string} home
 */
async function moveShare(home) {
  const program = join(home, ...programPath);
  const bytes = await readFile(program);
  for (let at = bytes.indexOf(share); at !== -1; at = bytes.indexOf(share, at + 1)) bytes.write('.', at, 'latin1');
  await writeFile(program, bytes);
  await symlink('usr', join(home, '.usr'));
}

/**
 * @param {string} home
 * @returns {Promise<true | undefined>}
 */
async function hasProgram(home) {
  return access(join(home, ...programPath), constants.X_OK).then(
    () => true,
    () => undefined,
  );
}
