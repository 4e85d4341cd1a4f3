import { z } from 'zod';
import { localTimeSchema, weeklySchema } from '../../core/digest/digest-time.ts';
import { aboutOf, defaulted, needed } from './about-variable.ts';
import type { About, ProcessName } from './about-variable.ts';
import { receiverVariables } from './receiver-variables.ts';
import { duration, interval, list, port, redisUrl, url, waitingTime } from './shapes.ts';

const everyProcess: readonly ProcessName[] = ['watcher', 'worker', 'bot'];

/** Everything that can be configured. Durations become ms, lists arrays. */
export const settingsSchema = z.object({
  OOMKEEPER_CLUSTER: needed(z.string().regex(/^[a-z0-9-]{1,40}$/, 'must be 1 to 40 of a-z, 0-9 and -'), {
    meaning: 'Name of the cluster that this watcher or worker speaks for, as it is shown in threads.',
    example: 'prod',
    readBy: ['watcher', 'worker'],
    isBasic: true,
    required: ['watcher', 'worker'],
  }),
  OOMKEEPER_MODE: defaulted(z.enum(['observe', 'act'], 'must be observe or act'), {
    meaning: 'observe = nothing is ever written to a cluster; act = approved plans are carried out.',
    fallback: 'observe',
    example: 'act',
    readBy: ['worker'],
    isBasic: true,
  }),
  OOMKEEPER_CHANNEL: defaulted(
    z
      .string()
      .regex(/^#?[\p{L}\p{N}._-]{1,80}$/u, 'must be a channel name or id')
      .transform((name) => name.replace(/^#/, '')),
    {
      meaning: 'Slack channel (name or id) that gets the threads which no route of the policy file sends elsewhere.',
      fallback: 'oom-alerts',
      example: 'oom-alerts',
      readBy: ['bot'],
      isBasic: true,
    },
  ),
  OOMKEEPER_APPROVERS: defaulted(
    list.pipe(
      z.array(z.string().regex(/^[UW][A-Z0-9]{2,}$/, 'must be Slack user ids (U… or W…), separated by commas')),
    ),
    {
      meaning: 'Slack ids of the people who may approve a plan, separated by commas. Empty = nobody may.',
      fallback: '',
      example: 'U024BE7LH,U0G9QF9C6',
      readBy: ['worker'],
      isBasic: true,
    },
  ),
  OOMKEEPER_POLICY: defaulted(z.string(), {
    meaning:
      'Policy file (YAML): who may approve what, which channel gets what, who else may read it, which workload is made from which file.',
    fallback: '',
    example: '/etc/oomkeeper/policy.yaml',
    readBy: ['worker', 'bot'],
    isBasic: true,
  }),
  OOMKEEPER_PROMETHEUS_URL: defaulted(
    z.union(
      [
        z.literal('').transform(() => ({ is: 'search' as const })),
        z.literal('off').transform(() => ({ is: 'off' as const })),
        url.transform((text) => ({ is: 'url' as const, url: text })),
      ],
      'must be an http or https URL, or off',
    ),
    {
      meaning: 'Prometheus-compatible API that the worker asks for usage. Empty = found automatically; off = none.',
      fallback: '',
      example: 'http://prometheus.monitoring:9090',
      readBy: ['worker'],
      isBasic: true,
    },
  ),
  OOMKEEPER_SAMPLE_EVERY: defaulted(interval, {
    meaning: 'How often usage is looked at, to warn ahead; without a Prometheus metrics.k8s.io is sampled then.',
    fallback: '30s',
    example: '30s',
    readBy: ['worker'],
  }),
  OOMKEEPER_FORECAST_WITHIN: defaulted(
    z.union([z.enum(['off', '0']).transform(() => 0), duration], 'must be a duration such as 4h, or off'),
    {
      meaning: 'Warns of a container that will be at its memory limit within this time, as it grows now. off = never.',
      fallback: '4h',
      example: '4h',
      readBy: ['worker'],
    },
  ),
  OOMKEEPER_NAMESPACES: defaulted(
    list.pipe(
      z.array(z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be namespace names, separated by commas')),
    ),
    {
      meaning: 'Namespaces to watch, separated by commas. Empty = all.',
      fallback: '',
      example: 'shop,payments',
      readBy: ['watcher', 'worker'],
      isBasic: true,
    },
  ),
  OOMKEEPER_LOOK_BACK: defaulted(duration, {
    meaning: 'Kills that ended longer ago than this when the watcher starts are not reported.',
    fallback: '1h',
    example: '1h',
    readBy: ['watcher', 'worker'],
  }),
  OOMKEEPER_VERIFY_AFTER: defaulted(duration, {
    meaning:
      'How long after a change was seen in the cluster it is checked for the first time; it is watched for at least so long.',
    fallback: '15m',
    example: '15m',
    readBy: ['worker'],
  }),
  OOMKEEPER_APPROVAL_TTL: defaulted(waitingTime, {
    meaning: 'How long a request may wait for an approval.',
    fallback: '1h',
    example: '1h',
    readBy: ['worker'],
  }),
  OOMKEEPER_CHANGE_TTL: defaulted(waitingTime, {
    meaning:
      'How long after its approval a change may still be written: a pause or an outage that lasts longer ends it.',
    fallback: '15m',
    example: '15m',
    readBy: ['worker'],
  }),
  OOMKEEPER_CONFIRM_TIMEOUT: defaulted(interval, {
    meaning: 'How long a change may take until it is seen in the cluster; after that its alternative is tried.',
    fallback: '5m',
    example: '5m',
    readBy: ['worker'],
  }),
  OOMKEEPER_SYNC_TIMEOUT: defaulted(duration, {
    meaning: 'How long a merged pull request may take until its change is seen in the cluster.',
    fallback: '30m',
    example: '30m',
    readBy: ['worker'],
  }),
  OOMKEEPER_KUBELET_METRICS: defaulted(z.enum(['on', 'off'], 'must be on or off'), {
    meaning:
      'Whether kernel kills are counted by asking each kubelet where there is no Prometheus (right nodes/metrics).',
    fallback: 'off',
    example: 'on',
    readBy: ['worker'],
  }),
  OOMKEEPER_STORM_AFTER: defaulted(
    z
      .string()
      .regex(/^\d{1,4}$/, 'must be a whole number')
      .transform(Number),
    {
      meaning: 'More first messages than this waiting for one channel fold into one message, a storm. 0 = never.',
      fallback: '5',
      example: '5',
      readBy: ['bot'],
    },
  ),
  OOMKEEPER_DIGEST_AT: defaulted(localTimeSchema, {
    meaning:
      'When each channel gets its daily summary, where there is anything to say; time of day and time zone (UTC by default). off = never.',
    fallback: '08:00',
    example: '08:00 Europe/Berlin',
    readBy: ['bot'],
  }),
  OOMKEEPER_REPORT_ON: defaulted(weeklySchema, {
    meaning: 'Day of the week on which the summary has the report card of the last seven days. off = never.',
    fallback: 'mon',
    example: 'mon',
    readBy: ['bot'],
  }),
  OOMKEEPER_OPS_HOST: defaulted(z.string().min(1), {
    meaning: 'Address that /healthz, /readyz and /metrics are asked at, and the bot for signed requests.',
    fallback: '0.0.0.0',
    example: '127.0.0.1',
    readBy: everyProcess,
  }),
  OOMKEEPER_OPS_PORT: defaulted(port, {
    meaning: 'Port of /healthz, /readyz and /metrics. 0 = a free one, told in the log.',
    fallback: '9464',
    example: '9464',
    readBy: everyProcess,
  }),
  OOMKEEPER_HTTP_PORT: defaulted(port, {
    meaning:
      'Port on which the bot hears signed requests: Slack at /slack/events, GitHub at /github/webhook, Alertmanager at /alertmanager.',
    fallback: '3000',
    example: '3000',
    readBy: ['bot'],
  }),
  OOMKEEPER_LOG_LEVEL: defaulted(z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], 'must be a log level'), {
    meaning: 'trace, debug, info, warn, error or silent.',
    fallback: 'info',
    example: 'info',
    readBy: everyProcess,
  }),
  REDIS_URL: defaulted(redisUrl, {
    meaning:
      'The Redis that the three processes share; redis+sentinel:// and redis+cluster:// are in docs/operations.md.',
    fallback: 'redis://127.0.0.1:6379',
    example: 'redis://127.0.0.1:6379',
    readBy: everyProcess,
    isBasic: true,
    secret: true,
  }),
  KUBECONFIG: defaulted(z.string(), {
    meaning: 'Kubeconfig of the cluster. Empty = the usual file, or the service account inside a cluster.',
    fallback: '',
    example: '/home/me/.kube/config',
    readBy: ['watcher', 'worker'],
    isBasic: true,
  }),
  SLACK_BOT_TOKEN: needed(z.string().startsWith('xoxb-', 'must begin with xoxb-'), {
    meaning: 'Bot token of the Slack app.',
    example: 'xoxb-…',
    readBy: ['bot'],
    isBasic: true,
    required: ['bot'],
    secret: true,
  }),
  SLACK_APP_TOKEN: needed(z.string().startsWith('xapp-', 'must begin with xapp-'), {
    meaning: 'App-level token with connections:write, for Socket Mode.',
    example: 'xapp-…',
    readBy: ['bot'],
    isBasic: true,
    required: ['bot'],
    unless: 'SLACK_SIGNING_SECRET',
    secret: true,
  }),
  SLACK_SIGNING_SECRET: needed(z.string().min(8, 'is too short to be a signing secret'), {
    meaning:
      'Signing secret of the Slack app: signed HTTP requests instead of Socket Mode, where SLACK_APP_TOKEN is not set.',
    example: '8f742231b10e8888abcd99yyyzzz85a5',
    readBy: ['bot'],
    secret: true,
  }),
  SLACK_API_URL: defaulted(
    url.transform((text) => (text.endsWith('/') ? text : `${text}/`)),
    {
      meaning: 'Another address of the Slack API; only a sandbox needs it.',
      fallback: 'https://slack.com/api/',
      example: 'https://slack.com/api/',
      readBy: ['bot'],
    },
  ),
  GITHUB_TOKEN: needed(z.string().min(8, 'is too short to be a token'), {
    meaning:
      'Token that may read and write contents and pull requests. Without it, or an app, no pull request is offered.',
    example: 'github_pat_…',
    readBy: ['worker'],
    isBasic: true,
    secret: true,
  }),
  GITHUB_APP_ID: needed(z.string().regex(/^\d+$/, 'must be a number'), {
    meaning: 'Id of a GitHub App, instead of a token; it also needs GITHUB_PRIVATE_KEY.',
    example: '123456',
    readBy: ['worker'],
  }),
  GITHUB_PRIVATE_KEY: needed(z.string().startsWith('-----BEGIN', 'must be a PEM key'), {
    meaning: String.raw`Private key (PEM) of the GitHub App; line ends may be written as \n.`,
    example: '-----BEGIN RSA PRIVATE KEY-----…',
    readBy: ['worker'],
    secret: true,
  }),
  GITHUB_WEBHOOK_SECRET: needed(z.string().min(8, 'is too short to be a secret'), {
    meaning:
      'Secret of the webhook that tells the bot of merged pull requests. Without it they are looked at now and then.',
    example: 'a-long-random-text',
    readBy: ['bot'],
    secret: true,
  }),
  OOMKEEPER_ALERTMANAGER_SECRET: needed(z.string().min(8, 'is too short to be a secret'), {
    meaning:
      'Bearer token, or password, with which Alertmanager calls the bot at /alertmanager. Without it nobody may.',
    example: 'a-long-random-text',
    readBy: ['bot'],
    secret: true,
  }),
  ...receiverVariables,
  GITHUB_API_URL: defaulted(
    url.transform((text) => text.replace(/\/$/, '')),
    {
      meaning: 'Address of the GitHub API; of GitHub Enterprise: https://HOST/api/v3.',
      fallback: 'https://api.github.com',
      example: 'https://github.example.com/api/v3',
      readBy: ['worker'],
    },
  ),
});

/** Every variable with what a person has to know about it, the basic ones first: the order of `.env.example`. */
export function aboutVariables(): [string, About][] {
  const abouts = Object.entries(settingsSchema.shape).flatMap(([name, schema]) => {
    const about = aboutOf(schema);
    return about ? [[name, about] satisfies [string, About]] : [];
  });
  const { basic = [], advanced = [] } = Object.groupBy(abouts, ([, { isBasic }]) => (isBasic ? 'basic' : 'advanced'));
  return [...basic, ...advanced];
}
