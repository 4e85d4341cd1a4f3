import { rateWords } from '../diagnose/rates.ts';
import type { ImageTwin } from '../evidence/before/same-image.ts';
import type { FormerRaise, SeenBefore } from '../evidence/before/seen-before.ts';
import type { Findings } from '../evidence/evidence.ts';
import type { Facts } from '../diagnose/facts.ts';
import { isSameLimit } from '../kill/kill.ts';
import { dayMs, hourMs, roughDuration } from '../units/duration.ts';
import { formatBytes } from '../units/quantity.ts';
import { heldMs } from './size/estimate-limit.ts';
import type { Mitigation, Recommendation } from './recommendation.ts';

/*
 * What was tried before changes the advice: a raise after which it was killed again is not proposed once more as if it
 * were new, and the third one in a week is not proposed at all, because two that did not hold say that the size is not
 * what is wrong. Of a leak the first one says so already: a second one is worth a change only if it lasts a night.
 */

/** R2: the third raise in so long is refused. */
const refusedMs = 7 * dayMs;
const mostRaises = 2;
/** Until somebody is at work who can mend it. */
export const nightMs = 12 * hourMs;
/** The time that a raise bought is what the growth foretold if it differs by less than this factor. */
const asForetold = 1.5;

/** The advice in the light of what was done before. `now` is ms UTC. */
export function withHistory(
  advice: Recommendation,
  { before }: Pick<Findings, 'before'>,
  slopeBytesPerSecond: number | null,
  now: number,
): Recommendation {
  const failed = before?.found === true ? failedRaises(before.value, now) : [];
  const last = failed.at(-1);
  if (last === undefined) return advice;
  if (failed.length >= mostRaises) return withoutRaise(advice, failed);
  const { fix, mitigation } = advice;
  const what = raiseWords(last, slopeBytesPerSecond);
  if (fix.kind === 'fix-leak') {
    const again = mitigation === null ? null : whyNotAgain(mitigation);
    const why = [what, fix.why, ...(again === null ? [] : [again])].join(' ');
    return { fix: { ...fix, why }, mitigation: again === null ? mitigation : null };
  }
  return {
    fix: fix.kind === 'raise-limit' ? { ...fix, why: `${what} ${fix.why}` } : fix,
    mitigation: mitigation && { ...mitigation, why: `${what} ${mitigation.why}` },
  };
}

/** The same where somebody else raised the limit: run times under the old and the new one tell of a leak. Pure. */
export function withOutgrown(
  advice: Recommendation,
  { experiment, limitBytes }: Pick<Facts, 'experiment' | 'limitBytes'>,
): Recommendation {
  const { fix, mitigation } = advice;
  if (experiment?.is !== 'in-proportion' || fix.kind !== 'fix-leak' || mitigation === null) return advice;
  const { low, high } = experiment;
  const again = whyNotAgain(mitigation);
  if (again === null || limitBytes === null || !isSameLimit(limitBytes, high.limitBytes)) return advice;
  const [short, long] = [low, high].map((step) => `${roughDuration(step.runMs)} at ${formatBytes(step.limitBytes)}`);
  return {
    fix: { ...fix, why: `${fix.why} It was killed after ${short} and after ${long}. ${again}` },
    mitigation: null,
  };
}

/**
 * The advice with one sentence on what a raise did for another workload with the same image. Only words: it has other
 * load, so it moves neither the number nor its probability. `killedAt`: the limit that is too low, bytes.
 */
export function withSameImage(
  advice: Recommendation,
  { sameImage }: Pick<Findings, 'sameImage'>,
  killedAt: number | null,
): Recommendation {
  const { fix, mitigation } = advice;
  if (sameImage?.found !== true || fix.kind !== 'raise-limit' || killedAt === null) return advice;
  const [said] = sameImage.value.twins.flatMap((twin) => twinWords(twin, killedAt, fix.limitBytes) ?? []);
  return said === undefined ? advice : { fix: { ...fix, why: `${fix.why} ${said}` }, mitigation };
}

/** Null where its last raise says nothing of a raise from `killedAt` to `proposed`, bytes. */
function twinWords({ workload, raises }: ImageTwin, killedAt: number, proposed: number): string | null {
  const last = raises.at(-1);
  if (last === undefined || last.toBytes <= killedAt) return null;
  const { toBytes, lastedMs, incident, outcome } = last;
  const of = workload === null ? '' : ` (${incident})`;
  const raised = `The same image was raised to ${formatBytes(toBytes)} in ${workload ?? 'another namespace'}`;
  if (outcome === 'held' && lastedMs >= heldMs)
    return `${raised} and was not killed there for ${roughDuration(lastedMs)}${of}.`;
  if (outcome === 'killed-again' && toBytes >= proposed)
    return `${raised} and was killed again ${roughDuration(lastedMs)} later${of}, so this may be too little.`;
  return null;
}

/** Raises of the last days after which it was killed again, oldest first; a pull request repeats the one before it. */
function failedRaises({ raises }: SeenBefore, now: number): readonly FormerRaise[] {
  const failed = raises.filter(({ outcome, at }) => outcome === 'killed-again' && at >= now - refusedMs);
  return failed.filter(({ toBytes }, index) => failed.findIndex((one) => one.toBytes === toBytes) === index);
}

function withoutRaise({ fix, mitigation }: Recommendation, failed: readonly FormerRaise[]): Recommendation {
  const why = `It was raised ${failed.length === 2 ? 'twice' : `${failed.length} times`} in the last 7 days (${failed.map(stepWords).join(', ')}) and killed again each time, so another raise is not proposed.`;
  switch (fix.kind) {
    case 'raise-limit':
      return {
        fix: { kind: 'none', why: `${why} Find out what grows, or set a limit by hand.` },
        mitigation: null,
      };
    case 'fix-leak':
    case 'none':
    case 'roll-back':
    case 'move-volume':
      return mitigation === null
        ? { fix, mitigation }
        : { fix: { ...fix, why: `${fix.why} ${why}` }, mitigation: null };
    default:
      return { fix, mitigation };
  }
}

/** Why a leak that has outgrown one raise gets no other; null where that one lasts a night. */
function whyNotAgain({ buysMs }: Mitigation): string | null {
  if (buysMs === null) return 'Another raise would do no better, so none is proposed.';
  if (buysMs >= nightMs) return null;
  return `Another raise would only buy about ${roughDuration(buysMs)}, so none is proposed.`;
}

/** `80Mi -> 128Mi, killed 13 min later`. */
function stepWords({ fromBytes, toBytes, lastedMs }: FormerRaise): string {
  return `${formatBytes(fromBytes)} -> ${formatBytes(toBytes)}, killed ${roughDuration(lastedMs)} later`;
}

function raiseWords({ fromBytes, toBytes, lastedMs, boughtMs }: FormerRaise, slope: number | null): string {
  const done = `The raise from ${formatBytes(fromBytes)} to ${formatBytes(toBytes)} did not hold: it was killed again ${roughDuration(lastedMs)} later.`;
  if (boughtMs === null) return done;
  const foretold = slope === null || slope <= 0 ? null : ((toBytes - fromBytes) / slope) * 1000;
  const isForetold =
    foretold !== null && boughtMs < foretold * asForetold && boughtMs > foretold / asForetold && slope !== null;
  return `${done} It bought ${roughDuration(boughtMs)} for each run${isForetold ? `, as growth of ${rateWords(slope)} foretold` : ''}.`;
}
