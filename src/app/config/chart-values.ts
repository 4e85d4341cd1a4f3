import type { About } from './about-variable.ts';
import type { settingsSchema } from './variables.ts';

type VariableName = keyof typeof settingsSchema.shape;

/** A value of the Helm chart, as a path, and how `helm` is given it. */
export interface ChartValue {
  readonly path: string;
  /** A list is written `{a,b}`, a switch `true` for `on`; a file is named. */
  readonly as: 'text' | 'list' | 'switch' | 'file';
}

const text = (path: string): ChartValue => ({ path, as: 'text' });

/** Variables that have a value of their own in deploy/helm/oomkeeper. */
const own = new Map<string, ChartValue>(
  Object.entries({
    OOMKEEPER_CLUSTER: text('cluster'),
    OOMKEEPER_CHANNEL: text('channel'),
    SLACK_BOT_TOKEN: text('slack.botToken'),
    SLACK_APP_TOKEN: text('slack.appToken'),
    SLACK_SIGNING_SECRET: text('slack.signingSecret'),
    OOMKEEPER_MODE: text('mode'),
    OOMKEEPER_APPROVERS: { path: 'approvers', as: 'list' },
    OOMKEEPER_POLICY: { path: 'policy', as: 'file' },
    OOMKEEPER_NAMESPACES: { path: 'namespaces', as: 'list' },
    OOMKEEPER_PROMETHEUS_URL: text('prometheusUrl'),
    OOMKEEPER_KUBELET_METRICS: { path: 'kubeletMetrics', as: 'switch' },
    GITHUB_TOKEN: text('github.token'),
    GITHUB_APP_ID: text('github.appId'),
    GITHUB_PRIVATE_KEY: { path: 'github.privateKey', as: 'file' },
    GITHUB_WEBHOOK_SECRET: text('github.webhookSecret'),
    GITHUB_API_URL: text('github.apiUrl'),
    PAGERDUTY_ROUTING_KEY: text('pagerDuty.routingKey'),
    PAGERDUTY_API_URL: text('pagerDuty.apiUrl'),
    OOMKEEPER_ALERTMANAGER_URL: text('alertmanager.url'),
    OOMKEEPER_ALERTMANAGER_TOKEN: text('alertmanager.token'),
    OOMKEEPER_ALERTMANAGER_SECRET: text('alertmanager.secret'),
    OTEL_EXPORTER_OTLP_ENDPOINT: text('traces.endpoint'),
    OTEL_EXPORTER_OTLP_HEADERS: text('traces.headers'),
  } satisfies Partial<Record<VariableName, ChartValue>>),
);

/** The chart gives each process a URL of its own. */
export const redisValues = ['redis.external.watcherUrl', 'redis.external.workerUrl', 'redis.external.botUrl'] as const;

/**
 * What sets a variable in the chart; null where nothing does. A pod has the account of its process instead of a kubeconfig,
 * and what is secret never goes below `settings`, which is a ConfigMap.
 */
export function chartValueOf(name: string, { secret = false }: Pick<About, 'secret'>): ChartValue | null {
  if (name === 'KUBECONFIG') return null;
  if (name === 'REDIS_URL') return text('redis.external');
  return own.get(name) ?? (secret ? null : text(`settings.${name}`));
}
