import { z } from 'zod';
import { localTimeSchema, weeklySchema } from '../../core/digest/digest-time.ts';
import { defaulted, needed } from './about-variable.ts';
import { url } from './shapes.ts';

/** Where threads are posted, and how Slack is reached. */
export const slackVariables = {
  OOMKEEPER_CHANNEL: defaulted(
    z
      .string()
      .regex(/^#?[\p{L}\p{N}._-]{1,80}$/u, 'must be a channel name or id')
      .transform((name) => name.replace(/^#/, '')),
    {
      group: 'first',
      meaning: 'Slack channel (name or id) for all threads that the policy file does not route elsewhere.',
      fallback: 'oom-alerts',
      example: 'oom-alerts',
      readBy: ['bot'],
    },
  ),
  SLACK_BOT_TOKEN: needed(z.string().startsWith('xoxb-', 'must begin with xoxb-'), {
    group: 'first',
    meaning: 'Bot token of the Slack app.',
    example: 'xoxb-…',
    readBy: ['bot'],
    required: ['bot'],
    secret: true,
  }),
  SLACK_APP_TOKEN: needed(z.string().startsWith('xapp-', 'must begin with xapp-'), {
    group: 'first',
    meaning: 'App-level token with connections:write, for Socket Mode.',
    example: 'xapp-…',
    readBy: ['bot'],
    required: ['bot'],
    unless: 'SLACK_SIGNING_SECRET',
    secret: true,
  }),
  SLACK_SIGNING_SECRET: needed(z.string().min(8, 'is too short to be a signing secret'), {
    group: 'option',
    meaning:
      'Signing secret of the Slack app: signed HTTP requests instead of Socket Mode, where SLACK_APP_TOKEN is not set.',
    example: '8f742231b10e8888abcd99yyyzzz85a5',
    readBy: ['bot'],
    secret: true,
  }),
  OOMKEEPER_DIGEST_AT: defaulted(localTimeSchema, {
    group: 'option',
    meaning:
      'Time of the daily summary in each channel, with a time zone (UTC by default). Nothing to say = no message; off = never.',
    fallback: '08:00',
    example: '08:00 Europe/Berlin',
    readBy: ['bot'],
  }),
  OOMKEEPER_REPORT_ON: defaulted(weeklySchema, {
    group: 'option',
    meaning: 'Day on which the summary includes the report card of the last seven days. off = never.',
    fallback: 'mon',
    example: 'mon',
    readBy: ['bot'],
  }),
  OOMKEEPER_STORM_AFTER: defaulted(
    z
      .string()
      .regex(/^\d{1,4}$/, 'must be a whole number')
      .transform(Number),
    {
      group: 'limit',
      meaning: 'When more new threads than this wait for one channel, they become one message, a storm. 0 = never.',
      fallback: '5',
      example: '5',
      readBy: ['bot'],
    },
  ),
  SLACK_API_URL: defaulted(
    url.transform((text) => (text.endsWith('/') ? text : `${text}/`)),
    {
      group: 'option',
      meaning: 'Address of the Slack API; only a sandbox needs another one.',
      fallback: 'https://slack.com/api/',
      example: 'https://slack.com/api/',
      readBy: ['bot'],
    },
  ),
};
