import { expect, test } from 'vitest';
import type { JsonRecord } from '../../src/core/kill/json-read.ts';
import { readNode } from '../../src/adapters/kubernetes/read/read-node.ts';
import { resourcesOwner } from '../../src/adapters/kubernetes/read/container-spec.ts';
import { podsOf } from '../../src/adapters/kubernetes/read/workload-objects.ts';
import { startHttp, transportTo } from './some-http.ts';

const Mi = 2 ** 20;

/** A pod of the StatefulSet `db`, with room for as much else as `more` has. */
function aPod(
  index: number,
  { metadata = {}, container = {} }: { metadata?: JsonRecord; container?: JsonRecord } = {},
) {
  const name = `db-${index}`;
  const resources = { limits: { memory: '64Mi' }, requests: { memory: '32Mi' } };
  return {
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-${index}`,
      ownerReferences: [{ kind: 'StatefulSet', name: 'db', controller: true }],
      ...metadata,
    },
    spec: { nodeName: 'n1', containers: [{ name: 'app', image: 'db:1', resources, ...container }] },
    status: { phase: 'Running', containerStatuses: [{ name: 'app', state: { running: {} } }] },
  };
}

/** An API server with these pods, in pages; of anything else it has nothing. */
async function withPods(count: number, podOf: (index: number) => JsonRecord) {
  const url = await startHttp((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    if (!pathname.endsWith('/pods')) {
      response.writeHead(404).end('{}');
      return;
    }
    const from = Number(searchParams.get('continue') ?? 0);
    const to = Math.min(count, from + Number(searchParams.get('limit')));
    const items = Array.from({ length: to - from }, (_, at) => podOf(from + at));
    response.end(JSON.stringify({ metadata: to < count ? { continue: String(to) } : {}, items }));
  });
  return transportTo(url);
}

test.each([
  ['annotations', { metadata: { annotations: { fat: 'x'.repeat(Mi) } } }],
  ['variables', { container: { env: [{ name: 'FAT', value: 'x'.repeat(Mi) }] } }],
])('pods that are as large as pods can be, by their %s, hide nothing of their node', async (_, more) => {
  const transport = await withPods(20, (index) => aPod(index, index < 18 ? more : {}));

  const facts = await readNode(transport, 'n1', { deadlineMs: 30_000, now: 0, usageNow: async () => null });

  expect(facts).toMatchObject({ requestedBytes: 20 * 32 * Mi, limitBytes: 20 * 64 * Mi, unlimitedPods: 0 });
});

test('of thousands of pods of one workload each is read, and who set its memory', async () => {
  const others = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`f:other-field-of-the-spec-${at}`, {}]));
  const memory = { 'f:resources': { 'f:limits': { 'f:cpu': {}, 'f:memory': {} } }, ...others };
  const fieldsV1 = { 'f:spec': { 'f:containers': { 'k:{"name":"app"}': memory } } };
  const managedFields = [
    { manager: 'kubelet', time: '2026-11-30T00:00:01Z', fieldsV1: { 'f:status': others } },
    { manager: 'helm', time: '2026-11-30T00:00:00Z', fieldsV1 },
  ];
  const transport = await withPods(1_200, (index) => aPod(index, { metadata: { managedFields } }));
  const subject = {
    cluster: 'prod',
    namespace: 'shop',
    workload: { kind: 'StatefulSet', name: 'db' },
    container: 'app',
  };

  const pods = await podsOf(transport, subject, null, 30_000);

  expect(pods).toHaveLength(1_200);
  expect(pods.map((pod) => resourcesOwner(pod, 'app')).filter((owner) => owner !== 'helm')).toEqual([]);
});
