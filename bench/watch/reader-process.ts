import { request } from 'node:https';
import { setFlagsFromString } from 'node:v8';
import { CoreV1Api, KubeConfig, makeInformer } from '@kubernetes/client-node';
import { z } from 'zod';

/*
 * A process that reads the same stream as the watcher does:
 *
 *   floor      reads the socket and finds line ends
 *   informer   the informer of @kubernetes/client-node, which keeps all pods
 *
 * It tells its parent each time when it has seen the marker.
 */
const optionsSchema = z.strictObject({ role: z.enum(['floor', 'informer']), kubeconfig: z.string() });
const { role, kubeconfig } = optionsSchema.parse(JSON.parse(process.argv[2] ?? ''));
const config = new KubeConfig();
config.loadFromString(kubeconfig);
const sayMarker = (): void => void process.send?.('marker');
process.on('disconnect', () => process.exit());

if (role === 'floor') {
  // As the watcher does (src/app/small-heap.ts): the floor is the least that is possible.
  setFlagsFromString('--max-semi-space-size=1');
  setFlagsFromString('--semi-space-growth-factor=1');
  readBytes();
} else await runInformer();

function readBytes(): void {
  const cluster = config.getCurrentCluster();
  const query = 'watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
  const options = { ca: Buffer.from(cluster?.caData ?? '', 'base64'), agent: false };
  const asked = request(`${cluster?.server ?? ''}/api/v1/pods?${query}`, options, (answer) => {
    answer.on('data', (chunk: Buffer) => {
      let end = -1;
      for (let next = chunk.indexOf(10); next !== -1; next = chunk.indexOf(10, next + 1)) end = next;
      // The marker is the last line of all: only the end of a chunk that ends with a line is looked at.
      if (end === chunk.length - 1 && chunk.subarray(-400).includes('containerd://marker-')) sayMarker();
    });
  });
  asked.end();
}

async function runInformer(): Promise<void> {
  const api = config.makeApiClient(CoreV1Api);
  // Page by page: all of them at once are more than the longest string.
  const informer = makeInformer(config, '/api/v1/pods', async () => {
    const list = await api.listPodForAllNamespaces({ limit: 500 });
    while (list.metadata?._continue) {
      const page = await api.listPodForAllNamespaces({ limit: 500, _continue: list.metadata._continue });
      list.items.push(...page.items);
      list.metadata = page.metadata ?? {};
    }
    return list;
  });
  informer.on('update', (pod) => {
    if (pod.metadata?.name === 'marker') sayMarker();
  });
  informer.on('add', (pod) => {
    if (pod.metadata?.name === 'marker') sayMarker();
  });
  await informer.start();
}
