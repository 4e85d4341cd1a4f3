import { z } from 'zod';
import { defaulted, needed } from './about-variable.ts';
import { list, url } from './shapes.ts';

/** Who is told of incidents beside Slack. */
export const receiverVariables = {
  PAGERDUTY_ROUTING_KEY: needed(
    z.string().regex(/^[A-Za-z0-9]{32}$/, 'must be the 32 characters of an integration key'),
    {
      meaning: 'Key of an Events API v2 integration: the bot calls whoever is on call in PagerDuty. Without it nobody.',
      example: '0123456789abcdef0123456789abcdef',
      readBy: ['bot'],
      secret: true,
    },
  ),
  PAGERDUTY_API_URL: defaulted(
    url.transform((text) => text.replace(/\/$/, '')),
    {
      meaning: "Address of PagerDuty's Events API; in the EU: https://events.eu.pagerduty.com.",
      fallback: 'https://events.pagerduty.com',
      example: 'https://events.eu.pagerduty.com',
      readBy: ['bot'],
    },
  ),
  OOMKEEPER_ALERTMANAGER_URL: defaulted(list.pipe(z.array(url)), {
    meaning:
      'Alertmanager that the bot sends an alert for each incident; each of a cluster of them, separated by commas. May have a login.',
    fallback: '',
    example: 'http://alertmanager.monitoring:9093',
    readBy: ['bot'],
  }),
  OOMKEEPER_ALERTMANAGER_TOKEN: needed(z.string().min(8, 'is too short to be a token'), {
    meaning: 'Bearer token for Alertmanager, instead of a login in its URL.',
    example: 'a-long-random-text',
    readBy: ['bot'],
    secret: true,
  }),
};
