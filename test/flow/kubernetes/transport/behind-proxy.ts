import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { connect } from '../../../../src/adapters/kubernetes/transport/connect.ts';
import type { Transport } from '../../../../src/adapters/kubernetes/transport/transport.ts';
import { startRewritingProxy } from '../watch/rewriting-proxy.ts';
import type { RewritingProxy } from '../watch/rewriting-proxy.ts';
import type { WatchWorld } from '../watch/watch-world.ts';
import { start } from '../watch/watch-worlds.ts';

/** A world behind a proxy that changes what it passes on. */
export async function startBehindProxy(): Promise<{ world: WatchWorld; proxy: RewritingProxy; transport: Transport }> {
  const world = await start();
  const proxy = await startRewritingProxy(world.server);
  const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-'));
  onTestFinished(async () => {
    await proxy.close();
    await rm(folder, { recursive: true });
  });
  await writeFile(join(folder, 'kubeconfig'), proxy.kubeconfig);
  return { world, proxy, transport: await connect({ kubeconfig: join(folder, 'kubeconfig') }) };
}

/** As from a server with the gate off, which refuses this query in other words. */
export const withoutStreamingLists = (transport: Transport): Transport => ({
  ...transport,
  open: (call) => transport.open({ ...call, path: call.path.replace('&resourceVersionMatch=NotOlderThan', '') }),
});
