import { cleanSamples } from '../../evidence/clean-samples.ts';
import { fewestSamples } from '../../evidence/shape/run-shape.ts';
import type { SpecFacts, UsageRun } from '../../evidence/evidence.ts';
import { runtimeOf } from './runtime.ts';

const units = { '': 1, B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;
/** From here on the collector may be what holds it down: GOMEMLIMIT counts less than the cgroup does, and more than is touched. */
const heldShare = 0.95;

/**
 * `GOMEMLIMIT` of a Go program, bytes; null without one. A value that is not seen is taken for the container's limit,
 * which is what people fill it from.
 */
export function goSoftLimit(
  spec: Pick<SpecFacts, 'args' | 'env' | 'hiddenEnv' | 'image'>,
  labels: Readonly<Record<string, string>>,
  limitBytes: number | null,
): number | null {
  if (runtimeOf(spec, labels) !== 'go') return null;
  if (spec.hiddenEnv.includes('GOMEMLIMIT')) return limitBytes;
  const [, digits, unit = ''] = /^(\d+)(B|KiB|MiB|GiB|TiB)?$/.exec(spec.env['GOMEMLIMIT'] ?? '') ?? [];
  const known = Object.entries(units).find(([name]) => name === unit);
  return digits === undefined || known === undefined || Number(digits) === 0 ? null : Number(digits) * known[1];
}

/**
 * The run until the collector begins to hold it down: at its soft limit it stays flat for as long as the live heap
 * needs to get there, so that a leak bends as a bounded need does (recorded). The whole run where that is too little.
 */
export function untilHeld(run: UsageRun, softLimitBytes: number | null): UsageRun {
  if (softLimitBytes === null) return run;
  const samples = cleanSamples(run);
  const free = samples.findLastIndex(({ workingSetBytes }) => workingSetBytes < softLimitBytes * heldShare) + 1;
  return free < fewestSamples ? run : { ...run, samples: samples.slice(0, free) };
}
