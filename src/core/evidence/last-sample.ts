import { killedAtMs } from '../kill/kill.ts';
import type { Kill } from '../kill/kill.ts';
import { cleanSamples } from './clean-samples.ts';
import type { Findings } from './evidence.ts';

export interface LastSample {
  readonly bytes: number;
  readonly beforeKillMs: number;
}

/**
 * The last working set that was seen in the killed life, and how long before the kill; null without usage or when the
 * life was too short for a scrape. Never a peak: what came after it was not seen.
 */
export function lastSample(findings: Findings, kill: Kill): LastSample | null {
  if (!findings.usage.found) return null;
  const killedAt = killedAtMs(kill);
  const startedAt = kill.startedAt === null ? -Infinity : Date.parse(kill.startedAt) - 1000;
  const samples = findings.usage.value.lives
    .filter(({ pod, containerId }) => pod === kill.pod && (containerId === null || kill.containerId === null || containerId === kill.containerId))
    .flatMap((life) => cleanSamples(life))
    .filter(({ t }) => t >= startedAt && t < killedAt + 1000);
  const last = samples.toSorted((a, b) => a.t - b.t).at(-1);
  return last ? { bytes: last.workingSetBytes, beforeKillMs: Math.max(0, Math.round(killedAt - last.t)) } : null;
}
