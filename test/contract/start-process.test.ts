import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startProcess } from '../../scripts/system.ts';
import { openTestRedis, uniqueCluster } from '../redis.ts';

test('a process that does not become ready is ended, and says why it was not', async () => {
  const redis = await openTestRedis();
  onTestFinished(redis.stop);
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-start-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [kubeconfig, log] = [join(folder, 'kubeconfig'), join(folder, 'log')];
  await writeFile(
    kubeconfig,
    JSON.stringify({
      'current-context': 'away',
      clusters: [{ name: 'away', cluster: { server: 'https://127.0.0.1:9' } }],
      contexts: [{ name: 'away', context: { cluster: 'away' } }],
    }),
  );
  const environment = {
    OOMKEEPER_CLUSTER: uniqueCluster(),
    OOMKEEPER_OPS_HOST: '127.0.0.1',
    OOMKEEPER_OPS_PORT: '0',
    KUBECONFIG: kubeconfig,
    REDIS_URL: redis.url,
  };

  const starting = startProcess('watcher', environment, log, { patienceMs: 500 });

  await expect(starting).rejects.toThrow(
    /watcher did not become ready: .*The watch on pods (cannot be opened|is not open yet)/,
  );
  const opsUrl = /"url":"([^"]+)"/.exec(await readFile(log, 'utf8'))?.[1];
  await expect(fetch(`${opsUrl ?? ''}/healthz`)).rejects.toThrow('fetch failed');
});
