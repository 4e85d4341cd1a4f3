import { cleanSamples } from '../evidence/clean-samples.ts';
import { beginsAt } from '../evidence/ended-lives.ts';
import { wellSeen } from '../evidence/life-shape.ts';
import { triggeredAtMs } from '../kill/trigger.ts';
import type { Facts } from './facts.ts';

/**
 * ms UTC when a growing container will be at its limit again: from what the life in course uses now, at the rate of
 * the lives before; without samples of it, one lifetime after the last kill. Null where neither is known or that time
 * has passed.
 */
export function nextKillAt({ findings, trigger, kills, shape, lifetime, limitBytes, now }: Facts): number | null {
  const killedAt = triggeredAtMs(kills.at(-1) ?? trigger);
  // Ahead of a kill the life in course is the one that the warning is about.
  const since = trigger.kind === 'ahead' && shape ? beginsAt(shape.life) : killedAt;
  const lives = findings.usage.found ? findings.usage.value.lives : [];
  const current = lives.find((life) => life.pod === trigger.pod && life.killedAt === null && beginsAt(life) >= since);
  const last = current && cleanSamples(current).at(-1);
  // Beyond what of a life was seen to grow it may go on otherwise.
  const isKnown = shape && last && (shape.seenShare >= wellSeen || last.workingSetBytes <= shape.lastBytes);
  if (isKnown && limitBytes !== null && shape.slopeBytesPerSecond > 0) {
    const left = Math.max(0, limitBytes - last.workingSetBytes) / shape.slopeBytesPerSecond;
    return inFuture(last.t + left * 1000, now);
  }
  return lifetime === null ? null : inFuture(killedAt + lifetime.ms, now);
}

function inFuture(at: number, now: number): number | null {
  return at > now ? Math.round(at) : null;
}
