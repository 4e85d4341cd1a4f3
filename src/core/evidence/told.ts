import { z } from 'zod';
import { counted } from '../talk/words.ts';
import { shortHash } from '../units/short-hash.ts';
import { type Cause, causes } from '../diagnose/diagnosis.ts';
import type { EvidenceLine } from './evidence.ts';
import { growingObject } from '../units/growing-object.ts';

/*
 * A thread's evidence follows its incident: it is told in full with each new verdict, and what changed is told when the
 * picture has changed, not with every kill. Kills that double make a line, so that a thousand kills make ten.
 */

/** What the thread was last told of the evidence. */
export const toldSchema = growingObject({
  cause: z.enum(causes),
  /** Kills that were known. */
  kills: z.number().int(),
  /** A hash of each line. */
  lines: z.array(z.string()),
  /** Labels of what could not be read. */
  missing: z.array(z.string()),
  /** How often it was told what changed since the verdict is the same. */
  updates: z.number().int(),
});
export type Told = z.infer<typeof toldSchema>;

export interface EvidenceNow {
  readonly cause: Cause;
  readonly kills: number;
  readonly lines: readonly EvidenceLine[];
}

/** Evidence that comes and goes would be news for ever. */
const mostUpdates = 12;

/** Why the thread is told of the evidence again: all of it with a verdict, else what changed. */
export type EvidenceNews = 'verdict' | 'more-kills' | 'more-known' | 'none';

/** Whether the evidence is news to the thread; `told` is null before anything was told. */
export function evidenceNews(told: Told | null, { cause, kills, lines }: EvidenceNow): EvidenceNews {
  if (told === null || told.cause !== cause) return 'verdict';
  if (told.updates >= mostUpdates) return 'none';
  if (kills > 2 * told.kills) return 'more-kills';
  const known = lines.filter(({ missing }) => !missing).map(({ label }) => label);
  return told.missing.some((label) => known.includes(label)) ? 'more-known' : 'none';
}

/** What the thread has been told once this is in it. */
export function toldOf(before: Told | null, { cause, kills, lines }: EvidenceNow): Told {
  return {
    cause,
    kills,
    lines: lines.map(hashOf),
    missing: lines.filter(({ missing }) => missing).map(({ label }) => label),
    updates: before === null || before.cause !== cause ? 0 : before.updates + 1,
  };
}

/** The lines that are not as they were told. */
export function changedLines(told: Told | null, lines: readonly EvidenceLine[]): readonly EvidenceLine[] {
  return told === null ? lines : lines.filter((line) => !told.lines.includes(hashOf(line)));
}

/** The first line of what is told; null where all of the evidence is new. */
export function changeHeading(news: EvidenceNews, before: Told | null, now: EvidenceNow): string | null {
  const same =
    changedLines(before, now.lines).length === 0
      ? 'The verdict and its evidence are the same.'
      : 'The verdict is the same; what changed in the evidence:';
  switch (news) {
    case 'more-kills':
      return `${counted(now.kills, 'kill')} by now, ${before?.kills ?? 0} when this was last told. ${same}`;
    case 'more-known':
      return `More could be read by now. ${same}`;
    case 'verdict':
    case 'none':
      return null;
  }
}

function hashOf({ label, text, missing }: EvidenceLine): string {
  return shortHash([label, text, missing].join('\n'), 8);
}
