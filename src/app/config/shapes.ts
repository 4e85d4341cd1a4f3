import { z } from 'zod';
import { readRedisUrl } from '../../adapters/redis/redis-url.ts';
import { dayMs, parseDuration } from '../../core/units/duration.ts';

/*
 * Schemas that several variables share.
 */

export const duration = z.string().transform((text, context) => {
  try {
    return parseDuration(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'is not a duration' });
    return z.NEVER;
  }
});
/** How long something may wait; nothing could be decided or done in no time. */
export const waitingTime = duration.refine((ms) => ms >= 100, 'must be 100ms or more');
/** A period for timers: not so short that nothing else gets done, and not longer than a timer can be. */
export const interval = duration.refine((ms) => ms >= 100 && ms <= 24 * dayMs, 'must be from 100ms to 24d');
export const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);
export const redisUrl = z.string().superRefine((text, context) => {
  const address = readRedisUrl(text);
  if (address.is === 'problem') context.addIssue({ code: 'custom', message: address.text });
});
export const url = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });
export const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number')
  .transform(Number)
  .pipe(z.number().max(65_535, 'must be a port number'));
