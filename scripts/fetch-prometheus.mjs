import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchPackages, unpackPackages, unpackedOnce } from './redis/debian-packages.mjs';

/**
 * Fetches Debian's or Ubuntu's packages of Prometheus and VictoriaMetrics and unpacks them into the project's cache, as it
 * is done with Redis. The second call finds what the first one left.
 * @param {(line: string) => void} log
 * @returns {Promise<string | undefined>} why there are none, or nothing
 */
export async function fetchPrometheus(log) {
  let failed = 'what was unpacked holds no program';
  const unpacked = await unpackedOnce('prometheus', {
    inspect: hasPrograms,
    build: async (draft) => {
      log('Prometheus: fetching the Debian packages of prometheus and victoria-metrics (42 MB) into .cache');
      const missing =
        (await fetchPackages(draft, ['prometheus', 'victoria-metrics'], log)) ?? (await unpackPackages(draft));
      if (missing !== undefined) failed = missing.split('\n').at(-1) ?? missing;
    },
    onWait: () => log('Prometheus: another process is fetching it, waiting'),
  });
  return unpacked === undefined ? failed : undefined;
}

/**
 * @param {string} home
 * @returns {Promise<true | undefined>}
 */
async function hasPrograms(home) {
  const names = ['prometheus', 'victoria-metrics'].map((name) => join(home, 'usr', 'bin', name));
  const all = Promise.all(names.map((name) => access(name, constants.X_OK)));
  return all.then(
    () => true,
    () => undefined,
  );
}
