/** Which process needs which secret, beside the Redis that each is given: it is set for that one and no other. */
export const secretOwners: Readonly<Record<'watcher' | 'worker' | 'bot', readonly string[]>> = {
  watcher: [],
  worker: ['GITHUB_PRIVATE_KEY', 'GITHUB_TOKEN'],
  bot: [
    'GITHUB_WEBHOOK_SECRET',
    'OOMKEEPER_ALERTMANAGER_SECRET',
    'OOMKEEPER_ALERTMANAGER_TOKEN',
    'PAGERDUTY_ROUTING_KEY',
    'SLACK_APP_TOKEN',
    'SLACK_BOT_TOKEN',
    'SLACK_SIGNING_SECRET',
  ],
};
