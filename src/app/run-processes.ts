import { createLog } from '../adapters/telemetry/log.ts';
import { createMetrics } from '../adapters/telemetry/metrics.ts';
import { startTracing } from '../adapters/telemetry/tracing/start-tracing.ts';
import { processEnvironment, readConfig, secretsOf } from './config/config.ts';
import { runUntilSignal } from './lifecycle.ts';
import { createNewerDocuments } from './newer-documents.ts';
import type { ProcessContext } from './process.ts';
import type { ProcessName } from './config/about-variable.ts';
import { isTraced } from './config/tracing-variables.ts';

const starters: Readonly<Record<ProcessName, (context: ProcessContext) => Promise<void>>> = {
  watcher: async (context) => (await import('./watcher.ts')).startWatcher(context),
  worker: async (context) => (await import('./worker.ts')).startWorker(context),
  bot: async (context) => (await import('./bot.ts')).startBot(context),
};

/**
 * Runs one or all of the processes until a signal. Throws Failure('bad-configuration') before anything is started.
 * Answers the exit code.
 */
export async function runProcesses(name: ProcessName | 'all'): Promise<number> {
  const names: readonly ProcessName[] = name === 'all' ? ['watcher', 'worker', 'bot'] : [name];
  const config = readConfig(processEnvironment(), names);
  const log = createLog({
    level: config.OOMKEEPER_LOG_LEVEL,
    secrets: secretsOf(config, processEnvironment()),
    base: { process: name, cluster: config.OOMKEEPER_CLUSTER },
  });
  const metrics = createMetrics(name);
  const tracing = await startTracing(isTraced(config), { serviceName: `oomkeeper-${name}`, log });
  return runUntilSignal(async (lifecycle) => {
    lifecycle.add({ name: 'traces', stop: tracing.stop });
    for (const one of names) {
      // Each part has an ops server of its own; only one of them can have the configured port.
      const own = one === names[0] ? config : { ...config, OOMKEEPER_OPS_PORT: 0 };
      const parts = { log: log.child(name === 'all' ? { part: one } : {}), newer: createNewerDocuments() };
      await starters[one]({ config: own, metrics, tracing, ...parts, ...lifecycle });
    }
  }, log);
}
