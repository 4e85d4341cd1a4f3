import { listPages } from '../../adapters/kubernetes/transport/list-pages.ts';
import { listPrometheusServices } from '../../adapters/kubernetes/read/prometheus-services.ts';
import { createClusterReader } from '../../adapters/kubernetes/read/read-cluster.ts';
import type { Transport } from '../../adapters/kubernetes/transport/transport.ts';
import { probePrometheus } from '../../adapters/prometheus/probe.ts';
import { createPrometheus } from '../../adapters/prometheus/prometheus.ts';
import { readUsagePoint } from '../../adapters/prometheus/usage-near.ts';
import type { Evidence, UsageHistory } from '../../core/evidence/evidence.ts';
import type { UsageQuery } from '../../core/evidence/usage-query.ts';
import { Failure } from '../../core/failure.ts';
import { createPrometheusFinder } from '../../flow/find-prometheus.ts';
import type { UsageSource } from '../../flow/answer/question-needs.ts';
import { scan } from '../../flow/scan.ts';
import { readOnly } from '../config/config.ts';
import type { Config } from '../config/config.ts';
import { startProgress } from '../command-line/progress.ts';
import { reachCluster } from '../command-line/reach-cluster.ts';
import { refuseUnknown } from '../command-line/refuse-unknown.ts';
import { scanJson } from './scan-json.ts';
import { scanOptions } from './scan-options.ts';
import { scanText } from './scan-text.ts';
import { prometheusWish } from '../usage.ts';

/** An unreachable cluster must not keep anybody waiting. */
const firstAnswerMs = 10_000;
/** A cluster with 150 000 pods takes about a minute. */
const listMs = 120_000;
const probeMs = 2_000;

/** `oomkeeper scan`: one read-only check of a cluster. Returns the exit code. @throws Failure */
export async function scanCommand(args: readonly string[]): Promise<number> {
  const options = scanOptions(args);
  const config = readOnly(['KUBECONFIG', 'OOMKEEPER_CLUSTER', 'OOMKEEPER_NAMESPACES', 'OOMKEEPER_PROMETHEUS_URL']);
  const { transport, namespaces } = await reachCluster(config, options);
  const progress = startProgress(process.stderr);
  try {
    progress.say(`connecting to ${transport.server}`);
    await firstAnswer(transport);
    await refuseUnknown(transport, namespaces);
    progress.say('looking for a Prometheus');
    const usage = await usageSource(transport, config);
    const found = await scan({
      cluster: config.OOMKEEPER_CLUSTER ?? 'cluster',
      pods: (each) => listAll(transport, namespaces, 'pods', each).catch(noPods),
      events: (each) => listAll(transport, namespaces, 'events', each).catch(noEvents),
      reader: createClusterReader({
        transport,
        deadlineMs: config.timing.evidenceDeadlineMs,
        usage: (query) => usageOf(query, usage, config),
        usageNow: (of) =>
          usage.is === 'none'
            ? Promise.resolve(null)
            : readUsagePoint(usage.url, of, { deadlineMs: config.timing.evidenceDeadlineMs }),
        now: Date.now,
      }),
      now: Date.now,
      progress: progress.say,
    });
    progress.end();
    const { isTTY, columns } = process.stdout;
    const width = isTTY ? columns : Infinity;
    process.stdout.write(options.json ? scanJson(found, usage) : scanText(found, usage, { width, now: Date.now() }));
    return 0;
  } finally {
    progress.end();
  }
}

/** Every authenticated user may ask this. @throws Failure */
async function firstAnswer(transport: Transport): Promise<void> {
  try {
    await transport.json({ path: '/version', deadlineMs: firstAnswerMs });
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'cluster-forbidden') throw error;
  }
}

async function listAll(
  transport: Transport,
  namespaces: readonly string[],
  resource: 'pods' | 'events',
  each: (object: unknown) => void,
): Promise<readonly string[]> {
  const paths =
    namespaces.length === 0
      ? [`/api/v1/${resource}`]
      : namespaces.map((name) => `/api/v1/namespaces/${encodeURIComponent(name)}/${resource}`);
  const notes: string[] = [];
  for (const path of paths) {
    const note = await listPages(transport, { path, endsAt: Date.now() + listMs }, each);
    if (note !== null) notes.push(`of the ${resource === 'pods' ? 'pods' : 'Events'} ${note}`);
  }
  return notes;
}

function noPods(error: unknown): never {
  if (!(error instanceof Failure) || error.code !== 'cluster-forbidden') throw error;
  const advice = 'scan needs the right to list pods; where you have it in one namespace only, give --namespace.';
  throw new Failure(error.code, `${error.message}. ${advice}`, { cause: error });
}

/** Without Events, an exit 137 cannot be explained and stays undecided. */
function noEvents(error: unknown): readonly string[] {
  if (!(error instanceof Failure)) throw error;
  return [
    `Events could not be read, so an exit that a probe or a deletion explains may stand here undecided: ${error.message}`,
  ];
}

async function usageSource(transport: Transport, config: Config): Promise<UsageSource> {
  const finder = createPrometheusFinder({
    wish: prometheusWish(config.OOMKEEPER_PROMETHEUS_URL),
    candidates: (place) => listPrometheusServices(transport, place, firstAnswerMs),
    probe: (url) => probePrometheus(url, { deadlineMs: probeMs }),
    log: () => undefined,
    now: Date.now,
  });
  await finder.look();
  return finder.source();
}

async function usageOf(query: UsageQuery, source: UsageSource, config: Config): Promise<Evidence<UsageHistory>> {
  if (source.is === 'none') return { found: false, reason: source.why, source: 'usage', at: Date.now() };
  return createPrometheus({ url: source.url, deadlineMs: config.timing.evidenceDeadlineMs }).usage(query);
}
