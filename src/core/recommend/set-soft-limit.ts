import type { Facts } from '../diagnose/facts.ts';
import { unheldGrowth } from '../diagnose/runtimes/go-collector.ts';
import { formatBytes, mebi } from '../units/quantity.ts';
import { estimateLimit } from './size/estimate-limit.ts';
import { softLimitFor } from './go-note.ts';
import type { Fix } from './recommendation.ts';

/**
 * The soft limit of a Go program that has none, with a limit above it; null for anything else. How much is live nobody
 * saw, so the limit is raised as for any need, and the soft limit makes the collector start before it: a number alone is
 * doubled again.
 */
export function setSoftLimit(facts: Facts): Fix | null {
  const { findings, trigger } = facts;
  if (!findings.spec.found) return null;
  const { env } = findings.spec.value;
  const times = unheldGrowth(findings.spec.value, trigger.labels);
  const estimate = times === null ? null : estimateLimit(facts);
  if (times === null || estimate === null) return null;
  const softBytes = softLimitFor(estimate.limitBytes);
  const from = env['GOMEMLIMIT']?.trim() ?? '';
  const words = [{ from: from === '' ? null : from, to: `${softBytes / mebi}MiB` }];
  return {
    kind: 'set-heap',
    limitBytes: estimate.limitBytes,
    requestBytes: estimate.limitBytes,
    env: [{ name: 'GOMEMLIMIT', words, others: false }],
    heapBytes: softBytes,
    holds: estimate.holds,
    why: `${estimate.why} With GOMEMLIMIT the collector starts at ${formatBytes(softBytes)} instead of at ${times} times what is live, whatever the limit is.`,
  };
}
