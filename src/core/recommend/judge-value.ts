import { z } from 'zod';

import { rateWords } from '../diagnose/rates.ts';
import { formatBytes, mebi, parseQuantity } from '../units/quantity.ts';
import { demandSchema, holdsAt } from './size/demand.ts';
import { percent } from '../units/percent.ts';
import { roughDuration } from '../units/duration.ts';
import { cut } from '../units/text-bounds.ts';
import { growingObject } from '../units/growing-object.ts';

const bytesOrNull = z.number().nullable();

/**
 * By what a person's own value is judged, as known at the explanation; stored in the incident's document. Bytes; null
 * where it is not known or there is none.
 */
export const valueBoundsSchema = growingObject({
  fromLimitBytes: bytesOrNull,
  lastSampleBytes: bytesOrNull,
  /** The most that was seen in any run; never called a peak, because more may have come between two samples. */
  peakBytes: bytesOrNull,
  recommendedBytes: bytesOrNull,
  /** How likely a size holds follows from it; null where no size ends the kills, as with a leak. */
  demand: demandSchema.nullable(),
  nodeAllocatableBytes: bytesOrNull,
  /** What the node has left for this pod, including its present request. */
  nodeFreeBytes: bytesOrNull,
  quota: growingObject({ name: z.string(), leftBytes: z.number() }).nullable(),
  limitRange: growingObject({ name: z.string(), minBytes: bytesOrNull, maxBytes: bytesOrNull }).nullable(),
  /** Growth where the verdict is a leak, bytes per second. */
  slopeBytesPerSecond: z.number().nullable(),
});
export type ValueBounds = z.infer<typeof valueBoundsSchema>;

export type ValueProblem =
  | 'empty'
  | 'no-quantity'
  | 'no-unit'
  | 'wrong-unit'
  | 'not-positive'
  | 'too-large'
  | 'same'
  | 'below-use'
  | 'above-node'
  | 'above-quota'
  | 'below-limit-range'
  | 'above-limit-range';

export type Judged =
  | {
      readonly ok: true;
      readonly limitBytes: number;
      readonly requestBytes: number;
      /** 0..1; null where it cannot be said. */
      readonly holds: number | null;
      /** What the value would mean, as short lines. */
      readonly meaning: readonly string[];
    }
  | { readonly ok: false; readonly reason: ValueProblem; readonly text: string };

/** No machine has more. */
const mostBytes = 64 * 2 ** 40;
const shownLength = 25;
const example = 'Write it like 512Mi or 1.5Gi.';

/**
 * Judges a limit that a person typed: the same answer in the dialog and in the worker. Memory request = limit (R1).
 * What was typed is not trusted: only part of it is repeated, and the caller must escape it.
 */
export function judgeValue(typed: string, bounds: ValueBounds): Judged {
  const read = readValue(typed.trim());
  if (typeof read !== 'number') return read;
  return refusal(read, bounds) ?? { ok: true, limitBytes: read, requestBytes: read, ...meaningOf(read, bounds) };
}

/** Bytes, or why it is no size. */
function readValue(text: string): number | Extract<Judged, { ok: false }> {
  if (text === '') return no('empty', `Nothing was typed. ${example}`);
  const shown = cut(text, shownLength);
  const [, sign, digits = '', space = '', unit = ''] =
    /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(\s*)([a-zA-Z]*)$/.exec(text) ?? [];
  const power = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)[eE]([+-]?\d+)$/.exec(text);
  if (power && Number(power[1]) > 15) return no('too-large', `${shown} is more than any machine has. ${example}`);
  const meant = meantUnit(unit, space !== '');
  if (meant !== null)
    return no(
      'wrong-unit',
      `Kubernetes does not take ${shown}. Did you mean ${meant.map((one) => `${digits}${one}`).join(' or ')}?`,
    );
  const bytes = quantityOf(text);
  if (bytes === null) return no('no-quantity', `${shown} is no size of memory. ${example}`);
  if (sign === '-' || bytes <= 0n)
    return no('not-positive', `A limit has to be more than nothing, and ${shown} is not. ${example}`);
  if (bytes > BigInt(mostBytes)) return no('too-large', `${shown} is more than any machine has. ${example}`);
  if (bytes < BigInt(mebi)) {
    const guess =
      unit === '' && digits !== ''
        ? ` Did you mean ${digits}Mi?`
        : unit === 'm'
          ? ` m means thousandths. Did you mean ${digits}Mi?`
          : ` ${example}`;
    return no(
      'no-unit',
      `${shown} would be ${bytes === 1n ? 'one byte' : `${bytes} bytes`}, and no program runs in that.${guess}`,
    );
  }
  return Number(bytes);
}

/** What was probably meant by a unit that Kubernetes does not know; null if the unit is right. */
function meantUnit(unit: string, apart: boolean): readonly string[] | null {
  const letters = unit.toLowerCase();
  if (/^[kmgtpe]i?b$|^[kmgtpe]ib?ytes?$/.test(letters)) {
    const letter = letters.charAt(0).toUpperCase();
    return letters.charAt(1) === 'i' ? [`${letter}i`] : [letter === 'K' ? 'k' : letter, `${letter}i`];
  }
  const right = /^([kmgtpe])i$/.test(letters) ? `${letters.charAt(0).toUpperCase()}i` : null;
  if (right !== null) return right === unit && !apart ? null : [right];
  if (/^[gtp]$/.test(unit)) return [`${unit.toUpperCase()}i`];
  return apart && unit !== '' && /^[kMGTPE]$/.test(unit) ? [unit] : null;
}

function quantityOf(text: string): bigint | null {
  try {
    return parseQuantity(text);
  } catch {
    return null;
  }
}

function refusal(bytes: number, bounds: ValueBounds): Extract<Judged, { ok: false }> | null {
  const { fromLimitBytes: from, lastSampleBytes, peakBytes, nodeAllocatableBytes, quota, limitRange } = bounds;
  const size = formatBytes(bytes);
  const used = Math.max(lastSampleBytes ?? 0, peakBytes ?? 0);
  if (bytes === from) return no('same', `The limit is ${size} already.`);
  if (bytes <= used)
    return no(
      'below-use',
      `It used ${formatBytes(used)}, so a limit of ${size} would kill it at once. Choose more than that.`,
    );
  if (nodeAllocatableBytes !== null && bytes > nodeAllocatableBytes)
    return no(
      'above-node',
      `Its node has ${formatBytes(nodeAllocatableBytes)} for all pods together, so a limit of ${size} can never be met there. Choose less.`,
    );
  if (quota !== null && bytes - (from ?? 0) > quota.leftBytes)
    return no(
      'above-quota',
      `The ResourceQuota ${quota.name} has ${formatBytes(quota.leftBytes)} left, and ${size} takes ${formatBytes(bytes - (from ?? 0))} more. Choose at most ${formatBytes((from ?? 0) + quota.leftBytes)}, or have the quota raised.`,
    );
  const { minBytes, maxBytes } = limitRange ?? { minBytes: null, maxBytes: null };
  if (limitRange && minBytes !== null && bytes < minBytes)
    return no(
      'below-limit-range',
      `The LimitRange ${limitRange.name} asks for at least ${formatBytes(minBytes)} in each container.`,
    );
  if (limitRange && maxBytes !== null && bytes > maxBytes)
    return no(
      'above-limit-range',
      `The LimitRange ${limitRange.name} allows at most ${formatBytes(maxBytes)} in each container. Choose less, or have it raised.`,
    );
  return null;
}

function meaningOf(bytes: number, bounds: ValueBounds): { holds: number | null; meaning: string[] } {
  const {
    fromLimitBytes: from,
    lastSampleBytes,
    recommendedBytes,
    demand,
    nodeFreeBytes,
    slopeBytesPerSecond,
  } = bounds;
  const holds = demand && holdsAt(demand, bytes);
  const meaning: string[] = [];
  if (from !== null && from > 0) meaning.push(changeWords(bytes, from));
  if (lastSampleBytes !== null && lastSampleBytes > 0)
    meaning.push(`about ${oneDigit(bytes / lastSampleBytes)} times the last sample of ${formatBytes(lastSampleBytes)}`);
  if (slopeBytesPerSecond !== null && slopeBytesPerSecond > 0 && from !== null && bytes > from)
    meaning.push(
      `at ${rateWords(slopeBytesPerSecond)} it buys about ${roughDuration(((bytes - from) / slopeBytesPerSecond) * 1000)}; no limit fixes a leak`,
    );
  else if (holds !== null) meaning.push(`likely to hold: ${percent(holds)}`);
  if (recommendedBytes !== null && recommendedBytes !== bytes)
    meaning.push(
      `${formatBytes(recommendedBytes)} is recommended, so this is ${bytes < recommendedBytes ? 'less' : 'more'}`,
    );
  if (nodeFreeBytes !== null && bytes > nodeFreeBytes)
    meaning.push(`its node has ${formatBytes(nodeFreeBytes)} left for it, so the pod may have to move to another one`);
  return { holds, meaning };
}

function changeWords(bytes: number, from: number): string {
  const share = bytes / from - 1;
  const size = share < 1 ? percent(Math.abs(share)) : null;
  if (size === null) return `${oneDigit(bytes / from)} times ${formatBytes(from)}`;
  return share > 0
    ? `+${size} on ${formatBytes(from)}`
    : `-${size} on ${formatBytes(from)}: less than it was killed at`;
}

function oneDigit(value: number): string {
  return `${Math.round(value * 10) / 10}`;
}

function no(reason: ValueProblem, text: string): Extract<Judged, { ok: false }> {
  return { ok: false, reason, text };
}
