import { minuteMs } from '../units/duration.ts';
import { bounded } from '../units/text-bounds.ts';
import type { Deployed, DeployedFacts } from './impact.ts';

/** A rollout begins this soon after its manifest was written. */
const soonMs = 10 * minuteMs;
const shortCommit = 7;
const shortDigest = 12;

/**
 * What runs there: the version by the image, the commit by an annotation, and who wrote the template about when the
 * revision began (`startedAt`, ms UTC; without one, when it was written last). Null where nothing of that is known.
 */
export function deployedOf({ image, commit, writers }: DeployedFacts, startedAt: number | null): Deployed | null {
  const newest = writers.toSorted((a, b) => b.at - a.at)[0];
  const at = startedAt ?? newest?.at ?? null;
  const writer = at === null ? undefined : writers.find((one) => Math.abs(one.at - at) <= soonMs);
  const version = versionOf(image ?? '');
  const sha = /(?<![0-9a-z])[0-9a-f]{7,64}(?![0-9a-z])/i.exec(commit ?? '')?.[0].slice(0, shortCommit) ?? null;
  if (at === null && version === null && sha === null) return null;
  return { at, version, commit: sha, by: writer === undefined ? null : bounded(writer.name, 'name') };
}

/** The tag, else the start of the digest; null for what has neither. */
function versionOf(image: string): string | null {
  const [named = '', digest] = image.split('@');
  const colon = named.lastIndexOf(':');
  if (colon > named.lastIndexOf('/')) return bounded(named.slice(colon + 1), 'label');
  const hash = digest?.split(':')[1];
  return hash === undefined || hash === '' ? null : hash.slice(0, shortDigest);
}
