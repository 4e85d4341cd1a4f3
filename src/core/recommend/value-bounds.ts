import type { Diagnosis } from '../diagnose/diagnosis.ts';
import { factsOf } from '../diagnose/facts.ts';
import { cleanSamples } from '../evidence/clean-samples.ts';
import type { Findings } from '../evidence/evidence.ts';
import type { Kill } from '../kill/kill.ts';
import { triggeredAtMs } from '../kill/trigger.ts';
import type { Trigger } from '../kill/trigger.ts';
import type { PlanInputs } from '../remediate/plan-inputs.ts';
import { estimateLimit } from './size/estimate-limit.ts';
import type { ValueBounds } from './judge-value.ts';
import type { Recommendation } from './recommendation.ts';
import { sureOf } from './sure-of.ts';

/** What a value of a person's own is judged by. Pure; bytes. */
export function valueBounds({
  findings,
  trigger,
  recent,
  diagnosis,
  recommendation,
  inputs,
}: {
  readonly findings: Findings;
  readonly trigger: Trigger;
  readonly recent: readonly Kill[];
  readonly diagnosis: Diagnosis;
  readonly recommendation: Recommendation;
  readonly inputs: Pick<PlanInputs, 'workload' | 'pods' | 'room'>;
}): ValueBounds {
  const facts = factsOf(findings, trigger, recent, triggeredAtMs(trigger));
  const from = inputs.pods[0]?.memory ?? inputs.workload?.memory ?? null;
  const isLeak = diagnosis.hypotheses[0]?.cause === 'leak';
  const { fix, mitigation } = recommendation;
  const demand = isLeak ? null : (estimateLimit(facts)?.demand ?? null);
  const sized = 'limitBytes' in fix ? fix : mitigation;
  return {
    fromLimitBytes: from?.limitBytes ?? null,
    lastSampleBytes: facts.last?.bytes ?? null,
    peakBytes: mostSeen(findings, trigger),
    recommendedBytes: sized?.limitBytes ?? null,
    demand: demand && { ...demand, sure: sureOf(diagnosis) },
    ...inputs.room,
    slopeBytesPerSecond: isLeak ? diagnosis.slopeBytesPerSecond : null,
  };
}

/** The most that any run of the killed revision used in a sample. */
function mostSeen({ usage }: Findings, { revision }: Trigger): number | null {
  if (!usage.found) return null;
  const seen = [...usage.value.runs, ...usage.value.siblings]
    .filter((run) => run.revision === null || revision === null || run.revision === revision)
    .flatMap((run) => cleanSamples(run).map(({ workingSetBytes }) => workingSetBytes));
  return seen.length === 0 ? null : seen.reduce((most, one) => Math.max(most, one), 0);
}
