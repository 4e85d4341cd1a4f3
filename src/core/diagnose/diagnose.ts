import type { Findings } from '../evidence/evidence.ts';
import { isGrowing } from '../evidence/shape/run-shape.ts';
import { usualSettledMs } from '../forecast/forecast.ts';
import type { Kill } from '../kill/kill.ts';
import type { Trigger } from '../kill/trigger.ts';
import { causes } from './diagnosis.ts';
import type { Cause, Diagnosis, Hypothesis } from './diagnosis.ts';
import { factsOf } from './facts.ts';
import type { Facts } from './facts.ts';
import { slopeByExperiment, withExperiment } from './with-experiment.ts';
import { nextKillAt } from './next-kill.ts';
import type { Rule } from './rule.ts';
import { decidingConfidence } from './rule.ts';
import { badRollout } from './rules/bad-rollout.ts';
import { childProcess } from './rules/child-process.ts';
import { heapMisconfigured } from './rules/heap-misconfigured.ts';
import { inconclusive } from './rules/inconclusive.ts';
import { leak } from './rules/leak.ts';
import { limitTooLow } from './rules/limit-too-low.ts';
import { noLimit } from './rules/no-limit.ts';
import { nodePressure } from './rules/node-pressure.ts';
import { notMemory } from './rules/not-memory.ts';
import { overcommit } from './rules/overcommit.ts';
import { pageCache } from './rules/page-cache.ts';
import { podLimit } from './rules/pod-limit.ts';
import { tmpfs } from './rules/tmpfs.ts';
import { trafficSpike } from './rules/traffic-spike.ts';

/** A rollout, when the usage of the previous revision confirms it. */
const certainRollout = 0.85;
/** The kernel names the container, or it was far below its limit. */
const certainNode = 0.9;
/** A heap flag that leaves less than a quarter of the limit. */
const certainHeapFlag = 0.8;
/** The most, if the heap fills steadily: the flag is wrong in any case, but a leak may be filling the heap. */
const filledByLeak = 0.78;

/** A cause without a rule does not compile. `inconclusive` has none: it is what remains. */
const rules: Readonly<Record<Exclude<Cause, 'inconclusive'>, Rule>> = {
  'limit-too-low': limitTooLow,
  leak,
  'traffic-spike': trafficSpike,
  'bad-rollout': badRollout,
  'heap-misconfigured': heapMisconfigured,
  tmpfs,
  'page-cache': pageCache,
  'child-process': childProcess,
  'pod-limit': podLimit,
  'node-pressure': nodePressure,
  overcommit,
  'no-limit': noLimit,
  'not-memory': notMemory,
};

/**
 * Why it was killed. Every rule says how sure it is of its cause, and the surest is the verdict. If none is better than
 * a guess, the verdict is `inconclusive`. `recent` are the kills of the same incident, `now` is ms UTC; a run is
 * settled after `settledMs`, as for a warning. Pure: the same findings give the same diagnosis, in the same order.
 */
export function diagnose(
  findings: Findings,
  trigger: Trigger,
  recent: readonly Kill[],
  now: number,
  settledMs = usualSettledMs,
): Diagnosis {
  const facts = factsOf(findings, trigger, recent, now, settledMs);
  const ruled = withExperiment(
    Object.values(rules).flatMap((rule) => rule(facts) ?? []),
    facts,
  );
  const found = withRollout(withSpecial(withNode(withHeapFlag(ruled, facts), facts)));
  const all = [...found, inconclusive(facts, found)].map(rounded).toSorted(byConfidence);
  const ranked = (all[0]?.confidence ?? 0) < decidingConfidence ? all.toSorted(inconclusiveFirst) : all;
  const growing = facts.shape !== null && isGrowing(facts.shape);
  const isLeak = ranked[0]?.cause === 'leak';
  const slopeSeen = growing ? (facts.shape?.slopeBytesPerSecond ?? null) : null;
  return {
    hypotheses: ranked,
    slopeBytesPerSecond: slopeSeen ?? (isLeak ? slopeByExperiment(facts) : null),
    nextKillAt: isLeak ? nextKillAt(facts) : null,
  };
}

/** What began with a rollout is blamed on the rollout, whatever the pattern suggests. */
function withRollout(found: readonly Hypothesis[]): readonly Hypothesis[] {
  const rollout = found.find(({ cause }) => cause === 'bad-rollout');
  if (!rollout || rollout.confidence < certainRollout) return found;
  return found.map((one) =>
    one === rollout
      ? one
      : { ...one, confidence: one.confidence / 2, against: [...one.against, 'It began with the last rollout.'] },
  );
}

/** A cause that says more than others about the same kill, and what then speaks against those. */
const special: readonly { readonly cause: Cause; readonly over: readonly Cause[]; readonly against: string }[] = [
  {
    cause: 'pod-limit',
    over: ['limit-too-low'],
    against: "It was the limit of its pod that was reached, not the container's own.",
  },
  { cause: 'overcommit', over: ['node-pressure', 'no-limit'], against: 'The numbers of its node show why it ran out.' },
];

/** The same kill has two names: the one that says more comes first. */
function withSpecial(found: readonly Hypothesis[]): readonly Hypothesis[] {
  const present = special.filter(({ cause }) => found.some((one) => one.cause === cause));
  return found.map((one) => {
    const more = present.find(({ over }) => over.includes(one.cause));
    return more === undefined
      ? one
      : { ...one, confidence: one.confidence / 2, against: [...one.against, more.against] };
  });
}

/** Causes by which a container reaches its own limit, or was not killed by the kernel at all. */
const notForNode: readonly Cause[] = ['limit-too-low', 'traffic-spike', 'heap-misconfigured', 'not-memory'];

/** A container that was killed for its node did not reach its own limit, whatever its pattern. */
function withNode(found: readonly Hypothesis[], { nodeOom }: Facts): readonly Hypothesis[] {
  const node = found.find(({ cause }) => cause === 'node-pressure');
  if (nodeOom === null || !node || node.confidence < certainNode) return found;
  return found.map((one) =>
    notForNode.includes(one.cause)
      ? { ...one, confidence: one.confidence / 2, against: [...one.against, 'The kernel killed for the whole node.'] }
      : one,
  );
}

/**
 * A heap that may outgrow the limit will fill it, whatever the pattern, so neither the limit nor the load is at fault.
 * A JVM that merely fills its heap climbs in steps, as a leak does.
 */
function withHeapFlag(found: readonly Hypothesis[], { heap, trigger }: Facts): readonly Hypothesis[] {
  const flag = found.find(({ cause }) => cause === 'heap-misconfigured');
  if (flag && trigger.kind === 'self' && heap?.runtime === 'jvm') return withFilledHeap(found, flag);
  if (!flag || flag.confidence < certainHeapFlag) return found;
  const explained: readonly Cause[] = [
    'limit-too-low',
    'traffic-spike',
    ...(heap?.runtime === 'jvm' ? ['leak' as const] : []),
  ];
  const leaks = found.some(({ cause, confidence }) => cause === 'leak' && confidence >= decidingConfidence);
  return found.map((one) => {
    if (explained.includes(one.cause))
      return {
        ...one,
        confidence: one.confidence / 2,
        against: [...one.against, 'Its heap flag allows more than fits.'],
      };
    if (one !== flag || !leaks) return one;
    const against = [...one.against, 'A leak in the heap fills it alike.'];
    return { ...one, confidence: Math.min(one.confidence, filledByLeak), against };
  });
}

/** A JVM that gives up had filled its heap, and while it does it climbs as a leak climbs. */
function withFilledHeap(found: readonly Hypothesis[], flag: Hypothesis): readonly Hypothesis[] {
  return found.map((one) =>
    one.cause === 'leak' && one.confidence >= flag.confidence
      ? {
          ...one,
          confidence: flag.confidence * 0.9,
          against: [...one.against, 'A JVM that only fills its heap climbs alike.'],
        }
      : one,
  );
}

function rounded(hypothesis: Hypothesis): Hypothesis {
  return { ...hypothesis, confidence: Math.round(hypothesis.confidence * 100) / 100 };
}

/** Ties are broken by the order of the causes, so that the same facts always give the same verdict. */
function byConfidence(a: Hypothesis, b: Hypothesis): number {
  return b.confidence - a.confidence || causes.indexOf(a.cause) - causes.indexOf(b.cause);
}

function inconclusiveFirst(a: Hypothesis, b: Hypothesis): number {
  return Number(b.cause === 'inconclusive') - Number(a.cause === 'inconclusive') || byConfidence(a, b);
}
