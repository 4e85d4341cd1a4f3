import type { SpecFacts } from '../../evidence/evidence.ts';
import { runtimeOf } from './runtime.ts';

/** Go's own default (runtime/debug.SetGCPercent): the heap may grow by what is live before it is collected. */
const usualPercent = 100;

/**
 * How many times the live heap a Go program may use before it collects, where nothing holds it below that: no
 * `GOMEMLIMIT`, and none that may come from elsewhere. Null for other runtimes, with a soft limit, or where the collector
 * is off or tuned. Pure.
 */
export function unheldGrowth(
  spec: Pick<SpecFacts, 'args' | 'env' | 'hiddenEnv' | 'envFrom' | 'image'>,
  labels: Readonly<Record<string, string>>,
): number | null {
  const { env, hiddenEnv, envFrom } = spec;
  if (runtimeOf(spec, labels) !== 'go' || envFrom || hiddenEnv.some((name) => /^GO(MEMLIMIT|GC)$/.test(name)))
    return null;
  const soft = env['GOMEMLIMIT']?.trim() ?? 'off';
  if (soft !== 'off' && soft !== '') return null;
  const percent = Number(env['GOGC']?.trim() ?? usualPercent);
  return Number.isInteger(percent) && percent > 0 ? 1 + percent / 100 : null;
}
