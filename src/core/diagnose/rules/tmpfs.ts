import { cleanSamples } from '../../evidence/clean-samples.ts';
import type { SpecFacts, UsageRun } from '../../evidence/evidence.ts';
import { filesIn, heldShare } from '../../evidence/held-files.ts';
import { percent } from '../../units/percent.ts';
import { formatBytes } from '../../units/quantity.ts';
import { roughDuration } from '../../units/duration.ts';
import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';
import { gotThrough, startingMs } from '../run-times.ts';

/*
 * Files in a memory-backed emptyDir count as memory of the container that wrote them, and outlive its restart as memory
 * of the pod. Having such a volume proves nothing; what speaks is that what grew was no process's own memory, that the
 * pod held it while no container ran, or, where nobody measured the pod, that the first start got through and the later
 * ones die at once. Page cache grows alike, but the kernel takes that back before it kills.
 */

/** Share of the last working set that is files. */
const mostlyFiles = 0.4;
/** What was held and the own memory together come so close to the limit; above this what was held is enough alone. */
const together = 0.85;
const enoughAlone = 0.6;
/** More than the limit is never charged: where both together would be, the own memory came to the limit without it. */
const noMoreThan = 1.1;
/** So many of the last lines of the log name the volume: it was written to at the end, not only configured. */
const writtenTo = { lines: 3, ofLast: 10 };
/** The most, while nobody measured what the volume holds. */
const notMeasured = 0.78;

/** A memory-backed volume filled the limit. */
export function tmpfs(facts: Facts): Hypothesis | null {
  const { findings, trigger, shape, limitBytes } = facts;
  if (limitBytes === null || (trigger.kind !== 'container' && trigger.kind !== 'start') || !findings.spec.found)
    return null;
  const { memoryVolumes } = findings.spec.value;
  const [volume] = memoryVolumes;
  if (!volume) return null;
  const where = `the memory-backed volume ${volume.name} at ${volume.mountPath}`;
  const about: About = { volume, where, limitBytes, more: memoryVolumes.length > 1 };
  const files = shape && filesOf(shape.run);
  if (files !== null && files.share >= mostlyFiles && (shape?.ownShare ?? 0) <= 0.5) return grown(files, about);
  return outlived(facts, about);
}

interface About {
  readonly volume: SpecFacts['memoryVolumes'][number];
  readonly where: string;
  readonly limitBytes: number;
  /** Whether there are other such volumes. */
  readonly more: boolean;
}

/** Files grew while a run was watched. */
function grown(files: { bytes: number; of: number; share: number }, about: About): Hypothesis {
  const { volume, where, limitBytes } = about;
  return {
    cause: 'tmpfs',
    confidence: 0.9,
    sentence: `Files in memory: ${where} fills the limit of ${formatBytes(limitBytes)}; ${formatBytes(files.bytes)} of the last ${formatBytes(files.of)} were files`,
    for: [
      `What grew was files, ${percent(files.share)} of the last sample, and not the memory of its processes.`,
      `What ${where} holds counts as memory${volume.sizeLimitBytes === null ? ', without a size limit' : `, up to ${formatBytes(volume.sizeLimitBytes)}`}.`,
    ],
    against: whichOne(about),
  };
}

/** Files outlived a restart: measured in the pod, or as the order of its runs and its log say. */
function outlived(facts: Facts, about: About): Hypothesis | null {
  const { held, short, trigger } = facts;
  const { where, limitBytes } = about;
  if (held === null) return bySigns(facts, about);
  const share = held.bytes / limitBytes;
  const own = lastOwn(facts);
  const both = share + own / limitBytes;
  const fills = short || trigger.kind === 'start' || share >= enoughAlone || (both >= together && both <= noMoreThan);
  if (share < heldShare || !fills || !mayHold(about, held.bytes)) return null;
  return {
    cause: 'tmpfs',
    confidence: held.isMeasured ? 0.9 : 0.75,
    sentence: `Files in memory: ${where} outlived the restart; its pod still held ${formatBytes(held.bytes)} of the limit of ${formatBytes(limitBytes)} when the container was started again`,
    for: [
      `While no container ran, the pod used ${formatBytes(held.bytes)}, ${percent(share)} of the limit${held.isMeasured ? ', all of it files' : ''}.`,
      ...orderWords(facts),
      ...(writes(facts, about) ? [`Its log says that it writes to ${about.volume.mountPath}.`] : []),
    ],
    against: [...(held.isMeasured ? [] : ['Another container of the pod may use some of it.']), ...whichOne(about)],
  };
}

/** What nobody measured: each of these signs alone is weak. */
function bySigns(facts: Facts, about: About): Hypothesis | null {
  const { trigger, short, lifetimesMs, runTimes } = facts;
  const { where, limitBytes } = about;
  if (!short && trigger.kind !== 'start') return null;
  const order = orderWords(facts);
  const isWritten = writes(facts, about);
  const byRuntime = trigger.kind === 'start' && lifetimesMs.length > 1;
  const signs = [
    ...(byRuntime ? [0.7] : []),
    ...(order.length === 0 ? [] : [runTimes.alike.length > 1 ? 0.7 : 0.6]),
    ...(isWritten ? [0.72] : []),
  ];
  const confidence = signs.length === 0 ? 0 : Math.min(notMeasured, Math.max(...signs) + 0.05 * (signs.length - 1));
  if (confidence === 0) return null;
  return {
    cause: 'tmpfs',
    confidence,
    sentence: `Files in memory: ${where} ${order.length > 0 || byRuntime ? 'outlived the restart, and the container is killed while it starts' : `is written to until the limit of ${formatBytes(limitBytes)} is full`}`,
    for: [
      `What ${where} holds counts against the limit of ${formatBytes(limitBytes)}, and stays when the container is restarted.`,
      ...(byRuntime ? ['It was killed before it could use anything itself.'] : []),
      ...order,
      ...(isWritten ? [`Its log says that it writes to ${about.volume.mountPath}.`] : []),
    ],
    against: ['How much the volume holds was not measured.'],
  };
}

/** The first start got through, and the later ones do not: something outlived the restart. */
function orderWords({ runTimes: { alike, longestBefore } }: Facts): string[] {
  const longest = Math.max(0, ...alike);
  if (longest >= startingMs || (longestBefore ?? 0) < gotThrough * Math.max(longest, startingMs / gotThrough))
    return [];
  const later = alike.length > 1 ? `its last ${alike.length} starts were` : 'its last start was';
  return [
    `An earlier run lasted ${roughDuration(longestBefore ?? 0)}, and ${later} killed within ${longest < 1000 ? 'a second' : roughDuration(longest)}.`,
  ];
}

function writes({ findings }: Facts, { volume }: About): boolean {
  if (!findings.log.found || volume.mountPath === '') return false;
  const lines = findings.log.value.lines.slice(-writtenTo.ofLast);
  return lines.filter((line) => line.includes(`${volume.mountPath}/`)).length >= writtenTo.lines;
}

/** A volume with a size limit holds no more than that. */
function mayHold({ volume: { sizeLimitBytes }, more }: About, bytes: number): boolean {
  return more || sizeLimitBytes === null || bytes <= sizeLimitBytes * 1.1;
}

function whichOne({ more }: About): string[] {
  return more ? ['There is more than one such volume, and which one it is was not measured.'] : [];
}

/** What the last sample of the killed run showed, bytes; 0 without one. */
function lastOwn({ last }: Facts): number {
  return last?.bytes ?? 0;
}

/** What of the last sample with both measures is not the processes' own. */
function filesOf(run: UsageRun): { bytes: number; of: number; share: number } | null {
  const last = cleanSamples(run).findLast(({ rssBytes }) => rssBytes !== undefined);
  const bytes = last && filesIn(last);
  return last && bytes !== null && bytes !== undefined
    ? { bytes, of: last.workingSetBytes, share: bytes / last.workingSetBytes }
    : null;
}
