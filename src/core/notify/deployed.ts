import { hourMs, minuteMs } from '../units/duration.ts';
import { bounded } from '../units/text-bounds.ts';
import type { Deployed, DeployedFacts, Rollout } from './impact.ts';

/** A rollout begins this soon after its manifest was written. */
const soonMs = 10 * minuteMs;
/** A change of a file is rolled out this soon, or by something else; clocks of forge and cluster differ a little. */
const syncMs = hourMs;
const skewMs = minuteMs;
const shortCommit = 7;
const shortDigest = 12;

/**
 * What runs there: the version by the image, the commit by an annotation or by the change of its file that was rolled
 * out, and by whoever made that change, else by the program that wrote the template about when the revision began
 * (without a beginning, when it was written last). Null where nothing of that is known.
 */
export function deployedOf({ image, commit, writers }: DeployedFacts, { startedAt, change }: Rollout): Deployed | null {
  const newest = writers.toSorted((a, b) => b.at - a.at)[0];
  const at = startedAt ?? newest?.at ?? null;
  const isRolledOut = change !== null && at !== null && at - change.at <= syncMs && change.at - at <= skewMs;
  const made = isRolledOut ? change : null;
  const writer = at === null ? undefined : writers.find((one) => Math.abs(one.at - at) <= soonMs);
  const by = made?.by ?? writer?.name ?? null;
  const version = versionOf(image ?? '');
  const sha = shortOf(commit) ?? shortOf(made?.commit ?? null);
  if (at === null && version === null && sha === null) return null;
  return { at, version, commit: sha, by: by === null ? null : bounded(by, 'name') };
}

/** `3f2a1bc` of a hash or of what has one in it, as Flux writes it: `main@sha1:3f2a1bc9…`. */
function shortOf(commit: string | null): string | null {
  return /(?<![0-9a-z])[0-9a-f]{7,64}(?![0-9a-z])/i.exec(commit ?? '')?.[0].slice(0, shortCommit) ?? null;
}

/** The tag, else the start of the digest; null for what has neither. */
function versionOf(image: string): string | null {
  const [named = '', digest] = image.split('@');
  const colon = named.lastIndexOf(':');
  if (colon > named.lastIndexOf('/')) return bounded(named.slice(colon + 1), 'label');
  const hash = digest?.split(':')[1];
  return hash === undefined || hash === '' ? null : hash.slice(0, shortDigest);
}
