import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadAccountInChild } from '../../src/adapters/kubernetes/transport/account-in-child.ts';
import { loadKubeconfig } from '../../src/adapters/kubernetes/transport/kubeconfig.ts';
import { readOomReport } from '../../src/core/kill/detect/oom-report.ts';
import { readStopOrder } from '../../src/core/kill/detect/stop-order.ts';
import { heldBytes } from './held-bytes.ts';

const Mi = 2 ** 20;

async function kubeconfigOf(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'kubeconfig');
  await writeFile(path, text);
  return path;
}

const withPlugin = (script: string): string =>
  JSON.stringify({
    'current-context': 'c',
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    users: [
      {
        name: 'u',
        user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] } },
      },
    ],
  });

test.each([
  ['its answer', 'yes'],
  ['its complaints', 'yes >&2'],
])('a credential plugin that does not stop with %s is ended, and it is said why', async (_, script) => {
  const { credentials } = await loadKubeconfig(await kubeconfigOf(withPlugin(script)));

  await expect(credentials()).rejects.toMatchObject({
    code: 'cluster-credentials',
    message: expect.stringContaining('sh, which the kubeconfig runs for them, wrote more than 1 MiB and was ended'),
  });
});

test('a kubeconfig that is too large is refused before it is parsed, with what to do', async () => {
  const path = await kubeconfigOf(`clusters: []\n#${'x'.repeat(2 * Mi)}`);
  const refused = { code: 'no-kubeconfig', message: expect.stringMatching(/larger than 2 MiB; .*--minify --flatten/) };

  await expect(loadKubeconfig(path)).rejects.toMatchObject(refused);
  await expect(loadAccountInChild(path, '')).rejects.toMatchObject(refused);
});

test('what is kept of an Event does not hold its message, however long that is', async () => {
  const at = '2026-11-24T12:00:00Z';
  const name = 'a-container-with-a-long-name';
  const fat = 'x'.repeat(Mi);
  const event = (kind: string, reason: string, message: string): unknown =>
    JSON.parse(JSON.stringify({ involvedObject: { kind, name: 'web' }, reason, message, lastTimestamp: at }));
  const before = await heldBytes();

  const orders = Array.from({ length: 16 }, () => readStopOrder(event('Pod', 'Killing', `Container ${name} x ${fat}`)));
  const reports = Array.from({ length: 16 }, () =>
    readOomReport(event('Node', 'OOMKilling', `Killed process 42 (${name}), ${fat}`)),
  );

  expect((await heldBytes()) - before).toBeLessThan(4 * Mi);
  expect(orders.map((order) => order?.container)).toEqual(orders.map(() => name));
  expect(reports.map((report) => report?.victim.process)).toEqual(reports.map(() => name));
});

test('names in an Event that are longer than any name are not kept', () => {
  const at = '2026-11-24T12:00:00Z';
  const pod = { kind: 'Pod', name: 'web', uid: 'u'.repeat(Mi) };
  const long = { kind: 'Pod', name: 'web', fieldPath: `spec.containers{${'x'.repeat(Mi)}}` };

  expect(readStopOrder({ involvedObject: pod, reason: 'Killing', message: 'x', lastTimestamp: at })).toBeNull();
  expect(
    readStopOrder({ involvedObject: long, reason: 'Killing', message: 'x', lastTimestamp: at })?.container,
  ).toHaveLength(64);
});
