import { triggeredAtMs } from '../kill/trigger.ts';
import type { Trigger } from '../kill/trigger.ts';
import { cleanSamples } from './clean-samples.ts';
import { mayBeRunOf } from './ended-runs.ts';
import type { Findings, UsageSample } from './evidence.ts';
import { secondMs } from '../units/duration.ts';

/**
 * Up to when a sample was surely taken before the kill, ms UTC. The row that shows a counter risen shows what was used
 * afterwards.
 */
export function surelyBeforeMs(trigger: Trigger): number {
  const isTimed = trigger.kind === 'ahead' || trigger.finishedAt !== null;
  return isTimed ? triggeredAtMs(trigger) : (trigger.within?.from ?? triggeredAtMs(trigger));
}

/** The rows of the killed container's pod as a whole that were surely taken before the kill, oldest first. */
export function podSamplesBefore({ usage }: Findings, trigger: Trigger): readonly UsageSample[] {
  if (!usage.found) return [];
  // `finishedAt` has whole seconds.
  const end = surelyBeforeMs(trigger) + secondMs;
  const own = usage.value.pods?.find(({ pod }) => pod === trigger.pod)?.samples ?? [];
  return own.filter(({ t }) => t < end).toSorted((a, b) => a.t - b.t);
}

/** The samples of the run that ended with a kill, or goes on at a warning, oldest first; none without usage or for a run without a scrape. */
export function samplesBefore(findings: Findings, trigger: Trigger): readonly UsageSample[] {
  if (!findings.usage.found) return [];
  // `startedAt` and `finishedAt` have whole seconds.
  const endedAt = surelyBeforeMs(trigger);
  const startedAt = trigger.startedAt === null ? -Infinity : Date.parse(trigger.startedAt) - secondMs;
  return findings.usage.value.runs
    .filter((run) => mayBeRunOf(run, trigger))
    .flatMap((run) => cleanSamples(run))
    .filter(({ t }) => t >= startedAt && t < endedAt + secondMs)
    .toSorted((a, b) => a.t - b.t);
}
