import https from 'node:https';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { listen } from '../../../sandbox/listen.ts';
import { connect } from '../../../src/adapters/kubernetes/transport/connect.ts';
import { createCountFinder, readKubeletCounts } from '../../../src/adapters/kubernetes/read/kubelet-counts.ts';
import { createServerCertificate, kubeconfigText } from '../../../sandbox/kubernetes/server/server-certificate.ts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const id = 'e'.repeat(64);
const podUid = '11111111-2222-3333-4444-555555555555';
const row = (namespace: string, container: string, value: string) =>
  `container_oom_events_total{container="${container}",id="/kubepods/burstable/pod${podUid}/${id}",image="a\\"b",name="${id}",namespace="${namespace}",pod="web"} ${value} 1795500610000`;
const scrape = [
  '# HELP container_oom_events_total Count of out of memory events observed for the container',
  '# TYPE container_oom_events_total counter',
  row('shop', 'app', '2'),
  row('shop', '', '2'),
  row('shop', 'idle', '0'),
  row('other', 'app', '1e+00'),
  'container_memory_rss{container="app"} 1',
].join('\n');

function countsIn(text: string) {
  const found: unknown[] = [];
  const finder = createCountFinder(5, (count) => found.push(count));
  finder.push(Buffer.from(text));
  finder.end();
  return found;
}

test('a scrape has the counters of containers that stand above 0', () => {
  expect(countsIn(scrape)).toEqual([
    { namespace: 'shop', pod: 'web', podUid, container: 'app', containerId: id, value: 2, atMs: 5 },
    { namespace: 'other', pod: 'web', podUid, container: 'app', containerId: id, value: 1, atMs: 5 },
  ]);
  expect(countsIn('')).toEqual([]);
});

/** An API server that names this machine as its nodes, and the kubelet of it. */
async function startNodes(ports: (own: number) => readonly number[]) {
  const { key, certificate } = await createServerCertificate();
  let own = 0;
  const server = https.createServer({ key, cert: certificate }, (request, response) => {
    if (request.headers.authorization !== 'Bearer secret') return void response.writeHead(403).end('no');
    if (request.url?.startsWith('/metrics/cadvisor')) return void response.end(scrape);
    const items = ports(own).map((of, index) => ({
      metadata: { name: `n${index}` },
      status: {
        addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
        daemonEndpoints: { kubeletEndpoint: { Port: of } },
      },
    }));
    response.end(JSON.stringify({ kind: 'NodeList', metadata: {}, items }));
  });
  own = await listen(server, 0);
  const folder = await mkdtemp(join(tmpdir(), 'kubelet-'));
  await writeFile(join(folder, 'kubeconfig'), kubeconfigText(`https://127.0.0.1:${own}`, certificate, 'secret'));
  return {
    transport: await connect({ kubeconfig: join(folder, 'kubeconfig') }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await rm(folder, { recursive: true });
    },
  };
}

test('each kubelet is asked with our credentials over TLS, and one that does not answer is said', async ({
  onTestFinished,
}) => {
  const nodes = await startNodes((own) => [own, 1, own]);
  onTestFinished(nodes.close);

  const found = await readKubeletCounts(nodes.transport, { namespaces: ['shop'], deadlineMs: 60_000, now: 5 });

  expect(found.counts.map(({ namespace, value }) => [namespace, value])).toEqual([
    ['shop', 2],
    ['shop', 2],
  ]);
  expect(found.problems).toEqual([expect.stringContaining('https://127.0.0.1:1')]);
});
