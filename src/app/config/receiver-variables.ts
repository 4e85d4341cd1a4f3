import { z } from 'zod';
import { defaulted, needed } from './about-variable.ts';
import { list, url } from './shapes.ts';

/** Who is told of incidents beside Slack, and whose alerts are heard. */
export const receiverVariables = {
  PAGERDUTY_ROUTING_KEY: needed(
    z.string().regex(/^[A-Za-z0-9]{32}$/, 'must be the 32 characters of an integration key'),
    {
      group: 'option',
      meaning: 'Integration key (Events API v2) with which the bot alerts PagerDuty. Without it nobody is paged.',
      example: '0123456789abcdef0123456789abcdef',
      readBy: ['bot'],
      secret: true,
    },
  ),
  PAGERDUTY_API_URL: defaulted(
    url.transform((text) => text.replace(/\/$/, '')),
    {
      group: 'option',
      meaning: "Address of PagerDuty's Events API; in the EU: https://events.eu.pagerduty.com.",
      fallback: 'https://events.pagerduty.com',
      example: 'https://events.eu.pagerduty.com',
      readBy: ['bot'],
    },
  ),
  OOMKEEPER_ALERTMANAGER_URL: defaulted(list.pipe(z.array(url)), {
    group: 'option',
    meaning:
      'Alertmanager to send an alert to for each incident; all members of its cluster, separated by commas. May include a login.',
    fallback: '',
    example: 'http://alertmanager.monitoring:9093',
    readBy: ['bot'],
  }),
  OOMKEEPER_ALERTMANAGER_TOKEN: needed(z.string().min(8, 'is too short to be a token'), {
    group: 'option',
    meaning: 'Bearer token for Alertmanager, instead of a login in its URL.',
    example: 'a-long-random-text',
    readBy: ['bot'],
    secret: true,
  }),
  OOMKEEPER_ALERTMANAGER_SECRET: needed(z.string().min(8, 'is too short to be a secret'), {
    group: 'option',
    meaning:
      'Bearer token or password that Alertmanager sends to the bot at /alertmanager. Without it no alert is accepted.',
    example: 'a-long-random-text',
    readBy: ['bot'],
    secret: true,
  }),
};
