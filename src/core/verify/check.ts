import { z } from 'zod';
import { growingObject } from '../units/growing-object.ts';

/** What a check of an applied change found. */
export const outcomes = [
  /** No kill so far, and too early to say that it held. */
  'watching',
  'held',
  /** No kill, but nothing has asked as much of it as before its kill. */
  'held-so-far',
  /** No kill for a day, and nobody measures what it uses. */
  'not-measured',
  /** It held, and a clearly smaller limit would have been enough. */
  'overshot',
  /** Of a mitigation: it lives longer; what kills it is still there. */
  'bought-time',
  'failed',
  'vanished',
  'inconclusive',
] as const;
export type Outcome = (typeof outcomes)[number];

/** One check. `at` is ms UTC, sizes are bytes. */
export const checkSchema = growingObject({
  at: z.number(),
  outcome: z.enum(outcomes),
  /** A sentence for people. */
  seen: z.string(),
  /** The most that it used since the change; null where that is not measured. */
  mostBytes: z.number().nullable(),
  /** overshot: the limit that would have been enough. */
  enoughBytes: z.number().nullable(),
});
export type Check = z.infer<typeof checkSchema>;

/** How long a fix has to live until it is said to have held, and why so long. */
export const watchSchema = growingObject({
  /**
   * `runs`: twice as long as it ran before it was killed. `peak`: until it has used as much again (`peakBytes`). `time`: a
   * day, because neither is known.
   */
  by: z.enum(['runs', 'peak', 'time']),
  forMs: z.number(),
  /** In people's words, as a sentence goes on: `it used to be killed every 80 min`. */
  why: z.string(),
  peakBytes: z.number().nullable(),
  /** A pretended world does not wait so long: it is checked after this time instead, and says so. */
  shortenedToMs: z.number().nullable(),
});
export type Watch = z.infer<typeof watchSchema>;

/** Of a mitigation: when the next kill is expected, and whether that was right. Times are ms UTC. */
export const promiseSchema = growingObject({
  at: z.number(),
  /** From how the present run grows, or from how long the runs before it lasted. */
  by: z.enum(['growth', 'runs']),
  madeAt: z.number(),
  remindedAt: z.number().nullable(),
  kept: z.enum(['as-expected', 'earlier', 'did-not-come']).nullable(),
});
export type TimePromise = z.infer<typeof promiseSchema>;
