import { stalledBefore, stalledWords } from '../../evidence/stalled.ts';
import { chargedBefore, isFullOfFiles } from '../../evidence/charged.ts';
import { roughDuration } from '../../units/duration.ts';
import { percent } from '../../units/percent.ts';
import { formatBytes } from '../../units/quantity.ts';
import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';

/*
 * Files that a container reads and writes fill its limit, and that is healthy: the kernel takes those pages back when
 * something else needs room, and kills only where that fails, as when they wait to be written to a slow disk. So a full
 * limit alone is no evidence; what speaks is a kill while the working set was small and did not grow.
 */

/** Nothing was killed, and none of the 7 labelled containers with a large page cache was. */
const healthy = 0.85;
/** What it needed beside the files was flat, and nothing else explains the kill. */
const calmBefore = 0.66;
/** Its own memory moved, and what came between the last sample and the kill may have been a need for more. */
const movedBefore = 0.4;

/** The limit was full of page cache that the kernel could not take back in time. */
export function pageCache(facts: Facts): Hypothesis | null {
  const { findings, trigger, limitBytes, shape, last } = facts;
  if ((trigger.kind !== 'container' && trigger.kind !== 'ahead') || limitBytes === null || last === null) return null;
  const charged = chargedBefore(findings, trigger);
  if (charged === null || !isFullOfFiles(charged, limitBytes)) return null;
  const isCalm = shape?.pattern === 'flat';
  const stalled = stalledBefore(findings, trigger);
  const [files, own] = [formatBytes(charged.idleFileBytes), formatBytes(charged.workingSetBytes)];
  if (trigger.kind === 'ahead')
    return {
      cause: 'page-cache',
      confidence: isCalm ? healthy : movedBefore,
      sentence: `Page cache: usage is at the limit of ${formatBytes(limitBytes)}, but ${files} of it are files that the kernel takes back when something else needs room; the working set is ${own}`,
      for: ['It has not been killed.', ...(isCalm ? ['What it needs beside the files does not grow.'] : [])],
      against: isCalm ? [] : ['Its working set is not flat.'],
    };
  return {
    cause: 'page-cache',
    confidence: isCalm ? calmBefore : movedBefore,
    sentence: `Page cache: the limit of ${formatBytes(limitBytes)} was full, but ${files} of it were files that the kernel could not take back in time; the working set was ${own}`,
    for: [
      `Usage was at ${percent(charged.bytes / limitBytes)} of the limit, the working set at ${percent(charged.workingSetBytes / limitBytes)}.`,
      ...(isCalm ? ['What it needs beside the files did not grow.'] : []),
      ...(stalled === null ? [] : [`It was ${stalledWords(stalled)}: taking files back was not quick enough.`]),
    ],
    against: [
      'A full page cache alone is healthy: the kernel takes it back before it kills, unless the pages wait to be written.',
      `What it needed in the last ${roughDuration(last.beforeKillMs)} was not measured.`,
      ...(isCalm ? [] : ['Its working set was not flat before.']),
    ],
  };
}
