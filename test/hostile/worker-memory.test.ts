import { readFile, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { listen } from '../../sandbox/listen.ts';
import { createServerCertificate, kubeconfigText } from '../../sandbox/kubernetes/server/server-certificate.ts';
import { startProcess, temporaryFolder } from '../../scripts/system.ts';
import { closeRedis, connectRedis } from '../../src/adapters/redis/connection.ts';
import { createKillQueue } from '../../src/adapters/redis/queues/kills.ts';
import { eventually } from '../eventually.ts';
import { killAt, minute } from '../fixtures/findings.ts';
import { beforeAllLong } from '../long.ts';
import { openTestRedis, uniqueCluster } from '../redis.ts';
import { pour } from './some-http.ts';

/*
 * A real worker among servers that mean ill. Its heap is as large as V8 makes it under the limit of deploy/kubernetes.
 * OOMKEEPER_TEST_NODES=200 asks more kubelets, and the Prometheus more often: at 100 the worker took 672 MiB before
 * answers were bounded.
 */
const Mi = 2 ** 20;
const limitMi = 640;
const heapMi = 320;
/** Alone it takes ten seconds; TLS and a start of a process take what a busy machine leaves. */
const patienceMs = 180_000;
const nodes = Number(process.env['OOMKEEPER_TEST_NODES'] ?? 20);

const ends: (() => unknown)[] = [];
let redisUrl = '';
let folder = '';
let kubeconfig = '';
let scraped = 0;

const hex = 'e'.repeat(64);
const labels = `container="app",id="/kubepods/burstable/pod11111111-2222-3333-4444-555555555555/${hex}",name="${hex}"`;
const scrapeLine = `container_memory_rss{${labels},namespace="shop",pod="web"} 1\n`;
const megabyte = Buffer.from(scrapeLine.repeat(Math.ceil(Mi / scrapeLine.length)));

beforeAllLong(async () => {
  const redis = await openTestRedis();
  redisUrl = redis.url;
  ends.push(redis.stop);
  const files = await temporaryFolder();
  folder = files.path;
  ends.push(files.remove);
  const { key, certificate } = await createServerCertificate();
  let port = 0;
  const api = https.createServer({ key, cert: certificate }, (request, response) => {
    const { pathname } = new URL(request.url ?? '', 'https://localhost');
    if (pathname === '/metrics/cadvisor') {
      scraped += 1;
      const row = `container_oom_events_total{${labels},namespace="shop",pod="web-${scraped}"} 1\n`;
      return void pour(response, { head: row, chunk: megabyte, times: 4, tail: row });
    }
    if (pathname !== '/api/v1/nodes') return void response.writeHead(404).end('{}');
    const status = {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
    };
    response.end(JSON.stringify({ metadata: {}, items: Array.from({ length: nodes }, () => ({ status })) }));
  });
  port = await listen(api, 0);
  ends.push(() => {
    api.closeAllConnections();
    api.close();
  });
  kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigText(`https://127.0.0.1:${port}`, certificate, 'secret'));
}, 60_000);

afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

/** Starts a worker, and answers with the most memory that it had until `isOver` no longer throws. */
async function mostOfWorker(
  name: string,
  settings: Readonly<Record<string, string>>,
  isOver: () => void | Promise<void>,
): Promise<number> {
  const worker = await startProcess(
    'worker',
    {
      OOMKEEPER_OPS_HOST: '127.0.0.1',
      OOMKEEPER_OPS_PORT: '0',
      KUBECONFIG: kubeconfig,
      REDIS_URL: redisUrl,
      OOMKEEPER_SAMPLE_EVERY: '5s',
      NODE_OPTIONS: `--max-old-space-size=${heapMi}`,
      ...settings,
    },
    join(folder, `${name}.log`),
  );
  try {
    await eventually(isOver);
    const most = /^VmHWM:\s*(\d+) kB$/m.exec(await readFile(`/proc/${worker.pid}/status`, 'utf8'))?.[1];
    process.stdout.write(`worker among ${name}: ${Math.round(Number(most) / 1024)} MiB at most\n`);
    return Number(most) / 1024;
  } finally {
    await worker.stop();
  }
}

test(
  'kubelets with megabytes each leave a worker within its limit',
  async () => {
    const settings = {
      OOMKEEPER_CLUSTER: uniqueCluster(),
      OOMKEEPER_PROMETHEUS_URL: 'off',
      OOMKEEPER_KUBELET_METRICS: 'on',
    };

    const most = await mostOfWorker(`${nodes} kubelets`, settings, () => {
      expect(scraped).toBeGreaterThan(nodes);
    });

    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(limitMi);
  },
  patienceMs,
);

test(
  'a Prometheus that answers each query with as much as it can leaves a worker within its limit',
  async () => {
    const cluster = uniqueCluster();
    const now = Date.now();
    const head = '{"status":"success","data":{"resultType":"matrix","result":[';
    const dense = Buffer.from(
      `{"metric":{"namespace":"shop","pod":"web-1","container":"app"},"values":[[1,"1"]]},`.repeat(5_000),
    );
    const tail = '{"metric":{},"values":[]}]}}';
    const values = Array.from({ length: 200 }, (_, at) => [Math.round(now / 1000) - 3_000 + at * 10, String(at * Mi)]);
    const runOf = (at: number): string =>
      JSON.stringify({
        metric: {
          __name__: 'container_memory_working_set_bytes',
          namespace: 'shop',
          pod: 'checkout-bbbbbbb-11111',
          container: 'app',
          name: at.toString(16).padStart(64, '0'),
        },
        values,
      });
    const runs = Array.from({ length: 1_200 }, (_, at) => runOf(at)).join(',');
    let histories = 0;
    let others = 0;
    const prometheus = createServer((request, response) => {
      const query = new URL(request.url ?? '', 'http://localhost').searchParams.get('query') ?? '';
      if (query.includes('__name__')) {
        histories += 1;
        return void response.end(`${head}${runs}]}}`);
      }
      others += 1;
      void pour(response, { head, chunk: dense, times: Math.floor((30 * Mi) / dense.length), tail });
    });
    const url = `http://127.0.0.1:${await listen(prometheus, 0)}`;
    ends.push(() => {
      prometheus.closeAllConnections();
      prometheus.close();
    });
    const redis = connectRedis(redisUrl, { role: 'producer', onError: () => undefined });
    ends.push(() => closeRedis(redis));
    const queue = createKillQueue({ redis, cluster });
    const workloads = Array.from({ length: Math.ceil(nodes / 8) }, (_, at) => `checkout-${at}`);
    for (const name of workloads) {
      const subject = { cluster, namespace: 'shop', workload: { kind: 'Deployment', name }, container: 'app' };
      const killed = killAt(now - minute, 10 * minute, { fingerprint: `${cluster}/${name}`, subject, seenAt: now });
      await queue.add(killed, 10_000);
    }

    const settings = { OOMKEEPER_CLUSTER: cluster, OOMKEEPER_PROMETHEUS_URL: url };
    const most = await mostOfWorker('a hostile Prometheus', settings, () => {
      expect(histories).toBeGreaterThanOrEqual(workloads.length);
      expect(others).toBeGreaterThanOrEqual(nodes > 50 ? 4 : 1);
    });

    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(limitMi);
  },
  patienceMs,
);
