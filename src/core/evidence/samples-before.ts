import { killedAtMs } from '../kill/kill.ts';
import type { Kill } from '../kill/kill.ts';
import { cleanSamples } from './clean-samples.ts';
import { mayBeRunOf } from './ended-lives.ts';
import type { Findings, UsageSample } from './evidence.ts';
import { secondMs } from '../units/duration.ts';

/** The samples of the life that ended with this kill, oldest first; none without usage or for a life without a scrape. */
export function samplesBefore(findings: Findings, kill: Kill): readonly UsageSample[] {
  if (!findings.usage.found) return [];
  const killedAt = killedAtMs(kill);
  // `startedAt` and `finishedAt` have whole seconds.
  const startedAt = kill.startedAt === null ? -Infinity : Date.parse(kill.startedAt) - secondMs;
  return findings.usage.value.lives
    .filter((life) => mayBeRunOf(life, kill))
    .flatMap((life) => cleanSamples(life))
    .filter(({ t }) => t >= startedAt && t < killedAt + secondMs)
    .toSorted((a, b) => a.t - b.t);
}
