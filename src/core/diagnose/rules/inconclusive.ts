import { formatBytes } from '../../units/quantity.ts';
import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';
import { percent } from '../../units/percent.ts';

/** The honest default: as likely as the best other cause is wrong, with the reason why it is undecided. */
export function inconclusive(facts: Facts, others: readonly Hypothesis[]): Hypothesis {
  const best = Math.max(0, ...others.map(({ confidence }) => confidence));
  const names = others.filter(({ confidence }) => confidence >= 0.3).map(({ cause }) => cause.replaceAll('-', ' '));
  return {
    cause: 'inconclusive',
    confidence: Math.min(0.9, Math.max(0.05, 1 - best)),
    sentence: `Not clear yet: ${why(facts, names)}`,
    for: [...facts.missing],
    against: [],
  };
}

function why({ limitBytes, last, shape, findings, trigger }: Facts, names: readonly string[]): string {
  if (trigger.kind === 'eviction') return 'the node evicted the pod, which says nothing about this container alone';
  if (trigger.kind === 'child-process') return 'one process of the container was killed while its first one lived on';
  if (trigger.kind === 'self') return 'the runtime gave up by itself before the kernel acted';
  if (trigger.kind === 'node') return 'the node as a whole ran out of memory';
  if (trigger.kind === 'ahead') return aheadWhy(limitBytes, last, findings);
  if (limitBytes === null) return 'the container has no limit of its own, so the pod or the node ran out';
  if (!findings.usage.found)
    return `there is no usage history (${findings.usage.reason}), and one kill alone does not tell`;
  if (last === null) return 'no sample of the killed run was taken';
  const seen = `${formatBytes(last.bytes)}, ${percent(last.bytes / limitBytes)} of the limit`;
  if (shape !== null && shape.ownShare !== null && shape.ownShare < 0.5 && shape.rise > 0)
    return `what grows is files in memory (page cache or a memory volume), not the memory of its processes; the last sample was ${seen}`;
  if (shape?.pattern === 'flat' && last.bytes < limitBytes * 0.6)
    return `the last sample was ${seen}, so either a rise faster than the scrapes or another limit (pod, node) was hit`;
  if (names.length > 1) return `${names.slice(0, 2).join(' and ')} look alike here; the last sample was ${seen}`;
  return `the last sample was ${seen}, and its course does not decide`;
}

/** Before a kill, being near the limit is no evidence: most such containers are healthy. */
function aheadWhy(limitBytes: number | null, last: Facts['last'], findings: Facts['findings']): string {
  if (!findings.usage.found) return `there is no usage history (${findings.usage.reason}), and it has not been killed`;
  if (last === null || limitBytes === null) return 'no sample of the present run was taken, and it has not been killed';
  return `it has not been killed; the last sample was ${formatBytes(last.bytes)}, ${percent(last.bytes / limitBytes)} of the limit, and its course does not decide what it is`;
}
