/** Headers with which any process may have to show itself to a receiver of traces. */
const traces = ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS'];

/** Which process needs which secret, beside the Redis that each is given: it is set for that one and no other. */
export const secretOwners: Readonly<Record<'watcher' | 'worker' | 'bot', readonly string[]>> = {
  watcher: traces,
  worker: ['GITHUB_PRIVATE_KEY', 'GITHUB_TOKEN', ...traces],
  bot: [
    'GITHUB_WEBHOOK_SECRET',
    'OOMKEEPER_ALERTMANAGER_SECRET',
    'OOMKEEPER_ALERTMANAGER_TOKEN',
    ...traces,
    'PAGERDUTY_ROUTING_KEY',
    'SLACK_APP_TOKEN',
    'SLACK_BOT_TOKEN',
    'SLACK_SIGNING_SECRET',
  ],
};
