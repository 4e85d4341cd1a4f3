import { z } from 'zod';
import type { Danger } from '../forecast/forecast.ts';
import { aboutTime, clockTime } from '../talk/words.ts';
import { formatBytes } from '../units/quantity.ts';
import { rateWords } from '../diagnose/rates.ts';
import { percent } from '../units/percent.ts';
import { growingObject } from '../units/growing-object.ts';

/** Why an incident that was opened by a warning ended without a kill. */
export const calmReasons = [
  'came-down',
  'stopped-growing',
  'limit-raised',
  'not-running',
  'resolved',
  'node-recovered',
] as const;
export type Calm = (typeof calmReasons)[number];

/** An alert of Alertmanager about the subject. Its text is not trusted; times are RFC 3339 as they were sent. */
export const alertSchema = growingObject({
  /** Alertmanager's, of the alert's labels. */
  fingerprint: z.string(),
  startsAt: z.string(),
  name: z.string(),
  summary: z.string(),
  /** ms UTC; null while it fires. */
  resolvedAt: z.number().nullable(),
});
export type Alert = z.infer<typeof alertSchema>;

/** What an incident was opened for before there was a kill. Bytes and ms UTC. */
export const warningSchema = growingObject({
  at: z.number(),
  of: z.discriminatedUnion('is', [
    growingObject({
      is: z.literal('on-course'),
      reachesAt: z.number(),
      bytesPerSecond: z.number(),
      usedBytes: z.number(),
    }),
    growingObject({ is: z.literal('rising-near-limit'), bytesPerSecond: z.number(), usedBytes: z.number() }),
    growingObject({ is: z.literal('stalled'), share: z.number(), usedBytes: z.number() }),
    growingObject({ is: z.literal('alert'), name: z.string(), summary: z.string() }),
    growingObject({ is: z.literal('node-pressure'), since: z.number() }),
  ]) satisfies z.ZodType<
    Danger | { is: 'alert'; name: string; summary: string } | { is: 'node-pressure'; since: number }
  >,
  /** Why it is over; null while it is not. */
  calm: z.enum(calmReasons).nullable(),
});
export type Warning = z.infer<typeof warningSchema>;

/** `On course to its limit`, for a headline. */
export function warningTitle({ of }: Warning): string {
  switch (of.is) {
    case 'on-course':
      return 'On course to its limit';
    case 'rising-near-limit':
      return 'Near its limit and rising';
    case 'stalled':
      return 'Stalled, short of memory';
    case 'alert':
      return 'Alert about memory';
    case 'node-pressure':
      return 'Node short of memory';
  }
}

/** What to expect, as a sentence of plain text that is not trusted. `limitBytes` is null if no limit is known. */
export function warningSentence({ of, at }: Warning, limitBytes: number | null): string {
  const limit = limitBytes === null ? 'its limit' : formatBytes(limitBytes);
  switch (of.is) {
    case 'on-course':
      return `Grows ${rateWords(of.bytesPerSecond)}, reaches ${limit} at about ${aboutTime(of.reachesAt, at)}`;
    case 'rising-near-limit':
      return `Uses ${usedWords(of.usedBytes, limitBytes)} of ${limit} and grows ${rateWords(of.bytesPerSecond)}`;
    case 'stalled':
      return `It spends ${percent(of.share)} of the time waiting for memory, at ${usedWords(of.usedBytes, limitBytes)} of ${limit}`;
    case 'alert':
      return of.summary === '' ? `Alertmanager says ${of.name}` : `Alertmanager says ${of.name}: ${of.summary}`;
    case 'node-pressure':
      return `The node has been short of memory since ${clockTime(of.since, at)} and evicts pods if that goes on`;
  }
}

export function calmWords(calm: Calm): string {
  switch (calm) {
    case 'came-down':
      return 'its memory came down on its own';
    case 'stopped-growing':
      return 'its memory has stopped growing';
    case 'limit-raised':
      return 'its limit was raised';
    case 'not-running':
      return 'the container that was warned of no longer runs';
    case 'resolved':
      return 'the alert is resolved';
    case 'node-recovered':
      return 'the node has enough memory again';
  }
}

function usedWords(usedBytes: number, limitBytes: number | null): string {
  return limitBytes === null
    ? formatBytes(usedBytes)
    : `${formatBytes(usedBytes)} (${percent(usedBytes / limitBytes)})`;
}
