import { cleanSamples } from '../../evidence/clean-samples.ts';
import type { UsageRun } from '../../evidence/evidence.ts';
import { formatBytes } from '../../units/quantity.ts';
import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';
import { percent } from '../../units/percent.ts';

/*
 * Files in a memory-backed emptyDir count as memory of the container that wrote them, and outlive its restart as memory
 * of the pod. Having such a volume proves nothing; what speaks is that what grew was no process's own memory. Page cache
 * grows alike, but the kernel takes that back before it kills.
 */

/** Share of the last working set that is files. */
const mostlyFiles = 0.4;

/** A memory-backed volume filled the limit. */
export function tmpfs({ findings, trigger, shape, limitBytes, lifetimesMs }: Facts): Hypothesis | null {
  if (limitBytes === null || (trigger.kind !== 'container' && trigger.kind !== 'start') || !findings.spec.found)
    return null;
  const [volume] = findings.spec.value.memoryVolumes;
  if (!volume) return null;
  const where = `the memory-backed volume ${volume.name} at ${volume.mountPath}`;
  const files = shape && filesOf(shape.run);
  if (files === null || files.share < mostlyFiles || (shape?.ownShare ?? 0) > 0.5) {
    if (trigger.kind !== 'start' || lifetimesMs.length < 2) return null;
    return {
      cause: 'tmpfs',
      confidence: 0.7,
      sentence: `Files in memory: ${where} outlived the restart, and the pod is killed while it starts`,
      for: [
        `What ${where} holds counts against the limit of ${formatBytes(limitBytes)}.`,
        'It was killed before it could use anything itself.',
      ],
      against: ['What the volume holds was not seen.'],
    };
  }
  return {
    cause: 'tmpfs',
    confidence: 0.9,
    sentence: `Files in memory: ${where} fills the limit of ${formatBytes(limitBytes)}; ${formatBytes(files.bytes)} of the last ${formatBytes(files.of)} were files`,
    for: [
      `What grew was files, ${percent(files.share)} of the last sample, and not the memory of its processes.`,
      `What ${where} holds counts as memory${volume.sizeLimitBytes === null ? ', without a size limit' : `, up to ${formatBytes(volume.sizeLimitBytes)}`}.`,
    ],
    against:
      findings.spec.value.memoryVolumes.length > 1
        ? ['There is more than one such volume; which one it is was not seen.']
        : [],
  };
}

/** What of the last sample with both measures is not the processes' own. */
function filesOf(run: UsageRun): { bytes: number; of: number; share: number } | null {
  const last = cleanSamples(run).findLast(({ rssBytes }) => rssBytes !== undefined);
  if (last?.rssBytes === undefined) return null;
  const bytes = Math.max(0, last.workingSetBytes - last.rssBytes);
  return { bytes, of: last.workingSetBytes, share: bytes / last.workingSetBytes };
}
