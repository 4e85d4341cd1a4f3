import { inTime } from '../adapters/in-time.ts';
import { readMetrics } from '../adapters/kubernetes/read/metrics-api.ts';
import { listPrometheusServices } from '../adapters/kubernetes/read/prometheus-services.ts';
import { readContainers } from '../adapters/kubernetes/read/read-containers.ts';
import type { Transport } from '../adapters/kubernetes/transport/transport.ts';
import { probePrometheus } from '../adapters/prometheus/probe.ts';
import { createAnswers } from '../adapters/prometheus/answers.ts';
import { createPrometheus } from '../adapters/prometheus/prometheus.ts';
import { readUsagePoint } from '../adapters/prometheus/usage-near.ts';
import { bounds } from '../adapters/redis/bounds.ts';
import type { RedisClient } from '../adapters/redis/redis-client.ts';
import { createSamples, type Samples } from '../adapters/redis/store/samples.ts';
import type { Evidence, UsageHistory } from '../core/evidence/evidence.ts';
import { orSampled, sampledEvidence } from '../core/evidence/sampled-history.ts';
import type { UsageSeries } from '../core/evidence/usage-now.ts';
import type { UsageQuery } from '../core/evidence/usage-query.ts';
import { createPrometheusFinder, type PrometheusWish } from '../flow/find-prometheus.ts';
import type { Store } from '../flow/needs.ts';
import type { UsageSource } from '../flow/answer/question-needs.ts';
import { createSampler } from '../flow/ahead/sample-usage.ts';
import type { UsageCheck } from '../flow/ahead/sample-usage.ts';
import type { Config } from './config/config.ts';
import { every } from './every.ts';
import type { ProcessContext } from './process.ts';

/** The search itself decides when it is time. */
const checkEveryMs = 5_000;
const servicesMs = 10_000;
/** A Service that answers at all does so at once. */
const probeMs = 2_000;
/** Requests during the first search wait for it, but no longer than this. */
const firstSearchMs = 5_000;

export interface UsageNeeds {
  readonly cluster: string;
  /** Role `store`. */
  readonly redis: RedisClient;
  readonly transport: Transport;
  readonly store: Pick<Store, 'open'>;
}

export interface UsageRunning {
  /** Usage evidence from wherever there is some. Never throws. */
  readonly usage: (query: UsageQuery) => Promise<Evidence<UsageHistory>>;
  /** What all containers of these namespaces use at this moment. @throws Failure */
  readonly usageNow: (namespaces: readonly string[]) => Promise<readonly UsageSeries[]>;
  readonly source: () => UsageSource;
  readonly samples: Samples;
  /** Checks usage from now on, and passes each check to `lookAhead`; null if warnings are turned off. */
  readonly startSampling: (lookAhead: ((check: UsageCheck) => Promise<void>) | null) => void;
}

/** Finds a Prometheus if none is configured, and checks usage regularly. */
export function startUsage(context: ProcessContext, { cluster, redis, transport, store }: UsageNeeds): UsageRunning {
  const { config, log } = context;
  const samples = createSamples({ redis, cluster });
  const answers = createAnswers();
  const finder = createPrometheusFinder({
    wish: prometheusWish(config.OOMKEEPER_PROMETHEUS_URL),
    candidates: (place) => listPrometheusServices(transport, place, servicesMs),
    probe: (url) => probePrometheus(url, { deadlineMs: probeMs }),
    now: Date.now,
    stopping: context.stopping,
    log: (level, message, fields) => log[level](fields ?? {}, message),
  });
  const firstSearch = Promise.withResolvers<undefined>();
  const stopped = new Promise<void>((resolve) => {
    context.stopping.addEventListener('abort', () => resolve(), { once: true });
  });
  const looking = every(
    checkEveryMs,
    () => finder.look().finally(() => firstSearch.resolve(undefined)),
    (error) => log.warn({ error }, 'search for prometheus failed'),
  );
  context.add({ name: 'search for prometheus', stop: looking.stop });

  function startSampling(lookAhead: ((check: UsageCheck) => Promise<void>) | null): void {
    const sampler = createSampler({
      cluster,
      namespaces: config.OOMKEEPER_NAMESPACES,
      everyMs: config.OOMKEEPER_SAMPLE_EVERY,
      most: bounds.sampled,
      usageSource: finder.source,
      metricsNow: (namespaces, deadlineMs) => readMetrics(transport, namespaces, deadlineMs),
      prometheusNow: (url, namespaces, deadlineMs) => readUsagePoint(url, namespaces, { deadlineMs }),
      containers: (namespaces, deadlineMs) => readContainers(transport, namespaces, deadlineMs),
      store,
      samples,
      lookAhead,
      now: Date.now,
    });
    const sampling = every(
      config.OOMKEEPER_SAMPLE_EVERY,
      async () => {
        await Promise.race([firstSearch.promise, stopped]);
        if (!context.stopping.aborted) await sampler.round();
      },
      (error) => log.warn({ error }, 'sampling failed'),
    );
    context.add({ name: 'sampling', stop: sampling.stop });
  }

  async function usage(query: UsageQuery): Promise<Evidence<UsageHistory>> {
    await inTime(firstSearch.promise, firstSearchMs, () => undefined);
    const source = finder.source();
    if (source.is === 'none') return sampledUsage(query, source.why);
    const deadlineMs = config.timing.evidenceDeadlineMs;
    const read = await createPrometheus({ url: source.url, deadlineMs, answers }).usage(query);
    return read.found ? read : orSampled(read, await sampledUsage(query, read.reason));
  }

  async function sampledUsage(query: UsageQuery, noPrometheus: string): Promise<Evidence<UsageHistory>> {
    const pods = [...new Set([query.pod, ...query.kills.map(({ pod }) => pod), ...query.pods])];
    const nameOf = (pod: string): string => `${query.namespace}/${pod}/${query.container}`;
    const [found, state] = await Promise.all([samples.read(pods.map(nameOf)), samples.sampling()]);
    const byPod = new Map(pods.map((pod) => [pod, found.get(nameOf(pod)) ?? []] as const));
    return sampledEvidence(query, byPod, state, { now: Date.now(), noPrometheus });
  }

  async function usageNow(namespaces: readonly string[]): Promise<readonly UsageSeries[]> {
    const source = finder.source();
    const deadlineMs = config.timing.evidenceDeadlineMs;
    return source.is === 'prometheus'
      ? readUsagePoint(source.url, namespaces, { deadlineMs })
      : readMetrics(transport, namespaces, deadlineMs);
  }

  return { usage, usageNow, source: finder.source, samples, startSampling };
}

/** What the variable asks for, with a form of the URL that can be shown. */
export function prometheusWish(wanted: Config['OOMKEEPER_PROMETHEUS_URL']): PrometheusWish {
  if (wanted.is !== 'url') return wanted;
  const shown = new URL(wanted.url);
  shown.username = '';
  shown.password = '';
  return { is: 'url', url: wanted.url, shown: shown.href.replace(/\/$/, '') };
}
