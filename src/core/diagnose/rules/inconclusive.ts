import { isGrowing, startsFromNothing } from '../../evidence/shape/run-shape.ts';
import { median } from '../../evidence/statistics.ts';
import { roughDuration } from '../../units/duration.ts';
import { formatBytes } from '../../units/quantity.ts';
import type { Hypothesis } from '../diagnosis.ts';
import type { Facts } from '../facts.ts';
import { percent } from '../../units/percent.ts';

/** Flat usage below this share of the limit was not what reached it. */
const farBelow = 0.6;
/** Less likely causes are not named. */
const namedFrom = 0.3;

/**
 * The honest default: as likely as the best other cause is wrong, with what was lacking, and what would settle it.
 */
export function inconclusive(facts: Facts, others: readonly Hypothesis[]): Hypothesis {
  const best = Math.max(0, ...others.map(({ confidence }) => confidence));
  const candidates = others.filter(({ confidence }) => confidence >= namedFrom);
  const names = candidates.map(({ cause }) => cause.replaceAll('-', ' '));
  return {
    cause: 'inconclusive',
    confidence: Math.min(0.9, Math.max(0.05, 1 - best)),
    sentence: `Not clear yet: ${why(facts, names)}`,
    for: [...facts.missing, ...settledBy(facts)],
    against: [],
  };
}

function why(facts: Facts, names: readonly string[]): string {
  const { limitBytes, last, shape, findings, trigger, seen } = facts;
  if (trigger.kind === 'eviction') return 'the node evicted the pod, which says nothing about this container alone';
  if (trigger.kind === 'child-process')
    return 'one process of the container was killed while its main process kept running';
  if (trigger.kind === 'self') return 'the runtime gave up on its own before the kernel acted';
  if (trigger.kind === 'node') return 'the node as a whole ran out of memory';
  if (trigger.kind === 'ahead') return aheadWhy(limitBytes, last, findings);
  if (limitBytes === null) return 'the container has no limit of its own, so the pod or the node ran out';
  if (seen !== 'shape') return unseenWhy(facts, limitBytes);
  if (last === null) return `${killedWords(facts)}, and no sample of that run was taken`;
  const of = `${formatBytes(last.bytes)}, ${percent(last.bytes / limitBytes)} of the limit`;
  const climbs = shape !== null && isGrowing(shape);
  if (climbs && shape.ownShare !== null && shape.ownShare < 0.5)
    return `what grows is files in memory (page cache or a memory volume), not the memory of its processes; the last sample was ${of}`;
  if (shape?.pattern === 'flat' && last.bytes < limitBytes * farBelow)
    return `the last sample was ${of}, so either it rose faster than the scrapes or another limit (pod, node) was hit`;
  if (climbs && startsFromNothing(shape))
    return `usage climbs from the start in one line, which a leak and a long start both do; the last sample was ${of}`;
  if (names.length > 1) return `${names.slice(0, 2).join(' and ')} look alike here; the last sample was ${of}`;
  return `the last sample was ${of}, and how usage went before does not decide`;
}

/** Too few samples, or none: what its run times leave open. */
function unseenWhy(facts: Facts, limitBytes: number): string {
  const { findings, samplesInRun, last } = facts;
  const killed = killedWords(facts);
  if (!findings.usage.found) return `${killed}, and there is no usage history (${findings.usage.reason})`;
  const { resolutionMs } = findings.usage.value;
  const apart = resolutionMs === null ? '' : `, ${roughDuration(resolutionMs)} apart`;
  if (samplesInRun === null || samplesInRun === 0 || last === null)
    return `${killed}, and no sample of that run was taken${resolutionMs === null ? '' : ` (samples are ${roughDuration(resolutionMs)} apart)`}`;
  const samples = samplesInRun === 1 ? 'one sample of that run was' : `${samplesInRun} samples of that run were`;
  const of = `${formatBytes(last.bytes)}, ${percent(last.bytes / limitBytes)} of the limit`;
  return `${killed}, and only ${samples} taken${samplesInRun === 1 ? '' : apart}; the last one was ${of}`;
}

/** When it was killed, as far as the runs are alike. */
function killedWords({ runTimes: { alike } }: Facts): string {
  if (alike.length === 0) return 'it was killed';
  const after = roughDuration(median(alike));
  return alike.length === 1
    ? `it was killed ${after} after its start`
    : `it was killed about ${after} after each of its last ${alike.length} starts`;
}

/** What would tell, where only the run times and perhaps a climb are known: a leak's run time follows its limit. */
function settledBy({ trigger, limitBytes, seen, shape }: Facts): string[] {
  if (limitBytes === null || (trigger.kind !== 'container' && trigger.kind !== 'start')) return [];
  const isClimb = shape !== null && isGrowing(shape);
  if (seen === 'shape' && !isClimb) return [];
  return [
    'What would tell: a run at a higher limit. If it is killed again, only later in proportion to the limit, it leaks; if it is not, the limit was too low.',
  ];
}

/** Before a kill, being near the limit is no evidence: most such containers are healthy. */
function aheadWhy(limitBytes: number | null, last: Facts['last'], findings: Facts['findings']): string {
  if (!findings.usage.found) return `there is no usage history (${findings.usage.reason}), and it has not been killed`;
  if (last === null || limitBytes === null) return 'no sample of the present run was taken, and it has not been killed';
  return `it has not been killed; the last sample was ${formatBytes(last.bytes)}, ${percent(last.bytes / limitBytes)} of the limit, and how usage went before does not decide what it is`;
}
