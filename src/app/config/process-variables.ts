import { z } from 'zod';
import { defaulted } from './about-variable.ts';
import type { ProcessName } from './about-variable.ts';
import { port, redisUrl } from './shapes.ts';

const everyProcess: readonly ProcessName[] = ['watcher', 'worker', 'bot'];

/** What every process needs to run. */
export const processVariables = {
  REDIS_URL: defaulted(redisUrl, {
    group: 'first',
    meaning:
      'The Redis that the three processes share; redis+sentinel:// and redis+cluster:// are in docs/operations.md.',
    fallback: 'redis://127.0.0.1:6379',
    example: 'redis://127.0.0.1:6379',
    readBy: everyProcess,
    secret: true,
  }),
  OOMKEEPER_OPS_HOST: defaulted(z.string().min(1), {
    group: 'option',
    meaning: 'Address to listen on, for /healthz, /readyz and /metrics, and for signed requests to the bot.',
    fallback: '0.0.0.0',
    example: '127.0.0.1',
    readBy: everyProcess,
  }),
  OOMKEEPER_OPS_PORT: defaulted(port, {
    group: 'option',
    meaning: 'Port of /healthz, /readyz and /metrics. 0 = any free port, named in the log.',
    fallback: '9464',
    example: '9464',
    readBy: everyProcess,
  }),
  OOMKEEPER_HTTP_PORT: defaulted(port, {
    group: 'option',
    meaning:
      'Port for signed requests to the bot: Slack at /slack/events, GitHub at /github/webhook, Alertmanager at /alertmanager.',
    fallback: '3000',
    example: '3000',
    readBy: ['bot'],
  }),
  OOMKEEPER_LOG_LEVEL: defaulted(z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], 'must be a log level'), {
    group: 'option',
    meaning: 'How much is logged: trace, debug, info, warn, error or silent.',
    fallback: 'info',
    example: 'info',
    readBy: everyProcess,
  }),
};
