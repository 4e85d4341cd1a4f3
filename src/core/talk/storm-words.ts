import type { Cause } from '../diagnose/diagnosis.ts';
import type { CommonVerdict, StormImpact } from '../incident/storm-outlook.ts';
import type { Shared } from '../incident/storm.ts';

/** A cause in so few words that they fit into a table. */
export const causeWords: Readonly<Record<Cause, string>> = {
  'limit-too-low': 'limit too low',
  leak: 'leak',
  'traffic-spike': 'traffic spike',
  'bad-rollout': 'bad rollout',
  'heap-misconfigured': 'heap does not fit the limit',
  tmpfs: 'volume in memory',
  'page-cache': 'page cache',
  'child-process': 'child process',
  'pod-limit': 'pod limit',
  'node-pressure': 'node out of memory',
  overcommit: 'node overcommitted',
  'no-limit': 'no limit set',
  'not-memory': 'not a memory kill',
  inconclusive: 'not clear yet',
};

/** `Most likely: node out of memory (31 of 40)`. Plain text. */
export function commonVerdictWords(verdict: CommonVerdict | null, total: number): string {
  if (verdict === null) return 'Collecting evidence';
  const { cause, count, explained } = verdict;
  const rest = explained < total ? `, ${total - explained} not explained yet` : '';
  return `Most likely: ${causeWords[cause]} (${count} of ${total}${rest})`;
}

/** `3 critical, 12 high, 25 low · 61 of 90 pods ready`; null where nothing is known. */
export function stormImpactWords({ severities, pods }: StormImpact): string | null {
  const parts = [
    severities.map(([severity, count]) => `${count} ${severity}`).join(', '),
    pods === null ? '' : `${pods.ready} of ${pods.desired} pods ready`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? null : parts.join(' · ');
}

/** What to do about all of them at once, as sentences; null while nobody knows. Not trusted: names are in it. */
export function stormAdvice(verdict: CommonVerdict | null, shared: readonly Shared[]): string | null {
  if (verdict === null) return null;
  const nameOf = (by: Shared['by']): string | null => shared.find((one) => one.by === by)?.name ?? null;
  const node = nameOf('node');
  const rollout = nameOf('rollout');
  const image = nameOf('image');
  const each = 'Open the worst ones first: each has its own proposal.';
  switch (verdict.cause) {
    case 'node-pressure':
    case 'overcommit':
      return `Higher limits won't help: ${node === null ? 'the nodes need' : `node ${node} needs`} more memory or fewer pods. Drain ${node ?? 'them'}, or raise the requests of what uses more than it asks for.`;
    case 'bad-rollout':
      if (rollout !== null) return `Roll back ${rollout} once; that ends all of them.`;
      return image === null
        ? `Roll back what was deployed last. ${each}`
        : `Roll back the image ${image} wherever it runs.`;
    case 'leak':
      return `Higher limits won't fix a leak; they only delay the next kills. ${image === null ? 'Fix it where they have code in common.' : `Fix it in ${image}, or go back to the version before.`}`;
    case 'traffic-spike':
      return `More load reached all of them: look for where it comes from, and add replicas. ${each}`;
    case 'limit-too-low':
    case 'heap-misconfigured':
    case 'pod-limit':
    case 'tmpfs':
    case 'page-cache':
    case 'child-process':
    case 'no-limit':
      return `Each needs a value of its own. ${each}`;
    case 'not-memory':
      return 'These were not killed for their memory: look for what stopped them.';
    case 'inconclusive':
      return shared.length === 0
        ? 'Nobody can tell yet. Open one of them to see what would decide it.'
        : 'Nobody can tell yet: begin with what they share.';
  }
}
