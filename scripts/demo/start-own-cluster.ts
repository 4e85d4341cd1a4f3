import { join } from 'node:path';
import { say } from '../progress.mjs';
import { given, logFolder, redisFor, step } from './demo-steps.ts';
import type { OnStop } from './demo-steps.ts';
import type { OwnDemo } from './demo-options.ts';
import { inherited, openOwnCluster, tryKillCommand } from './own-cluster.ts';
import { environmentFor, processNames, startProcess, startSandbox } from '../system.ts';
import type { ProcessName } from '../system.ts';

/** Kills that happened before the demo are shown too, as far as the pods still tell of them. */
const lookBack = '24h';

/**
 * The real processes against somebody's own cluster, which they only read, beside a pretend Slack that is the only thing
 * they post to. What they need is looked at first. Resolves when all is started, with what to say.
 */
export async function startOwnCluster(options: OwnDemo, onStop: OnStop): Promise<string> {
  const folder = await logFolder(options.logs, onStop);
  const { context, namespaces } = options;
  const cluster = await step('cluster', () =>
    openOwnCluster({ kubeconfig: given(options.kubeconfig), context, namespaces }, folder),
  );
  for (const note of cluster.notes) say(note);
  const redis = await step('Redis', () => redisFor(true, onStop));
  const { addresses } = await step('pretend Slack', async () => {
    const started = await startSandbox(['--speed', '1', '--port', String(options.port), '--no-approvers']);
    onStop(started.stop);
    return started;
  });
  const environment = environmentFor(addresses, redis.url, {
    OOMKEEPER_MODE: 'observe',
    OOMKEEPER_CLUSTER: process.env['OOMKEEPER_CLUSTER'] ?? cluster.name,
    OOMKEEPER_NAMESPACES: namespaces.join(','),
    OOMKEEPER_LOOK_BACK: lookBack,
    KUBECONFIG: cluster.kubeconfig,
    // Nothing of the pretend world but its Slack: its Prometheus measures other pods.
    OOMKEEPER_PROMETHEUS_URL: process.env['OOMKEEPER_PROMETHEUS_URL'] ?? '',
    GITHUB_TOKEN: '',
    PAGERDUTY_ROUTING_KEY: '',
    OOMKEEPER_ALERTMANAGER_URL: '',
    OOMKEEPER_TEST_TIMING: process.env['OOMKEEPER_TEST_TIMING'] ?? '{}',
  });
  const start = async (name: ProcessName): Promise<void> => {
    const log = join(folder, `${name}.log`);
    const reads = name === 'bot' ? {} : inherited(process.env);
    const one = await startProcess(name, { ...reads, ...environment }, log);
    onStop(() => one.stop());
    void one.exited.then((code) => {
      if (code !== 0 && code !== null) say(`${name} ended by itself with ${code}; see ${log}`);
    });
  };
  await step(`${processNames.join(', ')} (logs in ${folder})`, async () => {
    // All of them, also when one fails: what is still starting could not be stopped.
    const started = await Promise.allSettled(processNames.map(start));
    for (const one of started) if (one.status === 'rejected') throw one.reason;
  });
  const where = namespaces.length === 0 ? '' : `, namespaces ${namespaces.join(', ')}`;
  return `Watching ${cluster.name} (${cluster.server})${where}, read-only: nothing is written to it.
Open ${addresses.pageUrl} - kills of the last ${lookBack} that its pods still show come first, then each new one.
A kill to look at, now: ${tryKillCommand(options)}
Ctrl-C ends everything.`;
}
