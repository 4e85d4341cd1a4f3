import type { Facts } from '../diagnose/facts.ts';
import { runtimeOf } from '../diagnose/runtimes/runtime.ts';
import { mebi } from '../units/quantity.ts';

/** What cgo, mapped files and the runtime itself need is left out of it (Go's own guide to its collector: 5 to 10 %). */
const softShare = 0.9;

/** `GOMEMLIMIT` for a container with that limit, whole MiB in bytes. */
export function softLimitFor(limitBytes: number): number {
  return Math.floor((limitBytes * softShare) / mebi) * mebi;
}

/** What a raise to `limitBytes` does to a Go program's soft limit, and which one would fit; '' for anything else. */
export function goNote({ findings, trigger }: Facts, limitBytes: number): string {
  if (!findings.spec.found || runtimeOf(findings.spec.value, trigger.labels) !== 'go') return '';
  const { env, hiddenEnv } = findings.spec.value;
  const present = env['GOMEMLIMIT'];
  const unset = hiddenEnv.includes('GOMEMLIMIT') ? 'Where GOMEMLIMIT comes from is not read' : 'GOMEMLIMIT is not set';
  const now = present === undefined ? unset : `GOMEMLIMIT=${present} stays`;
  return ` ${now}; 90% of the new limit is ${softLimitFor(limitBytes) / mebi}MiB.`;
}
