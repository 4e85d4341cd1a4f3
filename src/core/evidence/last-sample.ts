import { triggeredAtMs } from '../kill/trigger.ts';
import type { Trigger } from '../kill/trigger.ts';
import type { Findings, UsageSample } from './evidence.ts';
import { podSamplesBefore, samplesBefore } from './samples-before.ts';

export interface LastSample {
  readonly bytes: number;
  readonly beforeKillMs: number;
}

/**
 * The last working set that was seen in the killed run, and how long before the kill at most; null without usage or when the
 * run was too short for a scrape. Never a peak: what came after it was not seen.
 */
export function lastSample(findings: Findings, trigger: Trigger): LastSample | null {
  return lastOf(samplesBefore(findings, trigger), trigger);
}

/** The same of its pod as a whole, whatever run of the container it was in; null where the pod's rows were not read. */
export function lastOfPod(findings: Findings, trigger: Trigger): LastSample | null {
  return lastOf(podSamplesBefore(findings, trigger), trigger);
}

function lastOf(samples: readonly UsageSample[], trigger: Trigger): LastSample | null {
  const last = samples.at(-1);
  return last
    ? { bytes: last.workingSetBytes, beforeKillMs: Math.max(0, Math.round(triggeredAtMs(trigger) - last.t)) }
    : null;
}
