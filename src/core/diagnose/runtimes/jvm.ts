import type { SpecFacts } from '../../evidence/evidence.ts';
import type { Setting } from './setting.ts';
import { createWordReader, optionsOf } from './words.ts';
import type { Word } from './words.ts';
import { gibi, mebi } from '../../units/quantity.ts';

/** What the flags of a JVM say about its heap; null = not set. Percentages are of the memory limit. */
export interface JvmFlags {
  readonly maxBytes: Setting | null;
  readonly initialBytes: Setting | null;
  readonly maxPercent: Setting | null;
  readonly minPercent: Setting | null;
  /** `-XX:-UseContainerSupport`: it does not see the limit at all. */
  readonly blind: boolean;
  readonly openJ9: boolean;
}

/** HotSpot's MaxHeapSize before anybody sets it, 96 MiB x 1.3 on 64 bits: half of less than that is a small machine. */
const smallHeapBytes = 130_862_280;
const defaultPercent = { max: 25, min: 50 };

const SIZES: Readonly<Record<string, number>> = { '': 1, k: 1024, m: mebi, g: gibi, t: 1024 * gibi };

/** Start scripts pass such variables on, or not: nobody sees it from outside. */
export const forScripts = /(^|_)(JAVA|JVM|CATALINA|HEAP)_(OPTS|OPTIONS|ARGS)$/;
export const readByJvm = ['JAVA_TOOL_OPTIONS', 'JDK_JAVA_OPTIONS', '_JAVA_OPTIONS'];

/**
 * Reads the heap flags. The JVM takes `JAVA_TOOL_OPTIONS` first, then the launcher's `JDK_JAVA_OPTIONS`, then the
 * command line, then `_JAVA_OPTIONS`; what comes later wins. Pure; without any flag all is null.
 */
export function jvmFlags(spec: Pick<SpecFacts, 'env' | 'args' | 'image'>): JvmFlags | 'too-long' {
  const { env } = spec;
  const reader = createWordReader(spec);
  const command = optionsOf(reader.ofCommand(), /^java$/, /^(-cp|-classpath|--class-path|-p|--module-path)$/, /^-jar$/);
  const passed = new Set(command.flatMap(({ place }) => (place.in === 'env' ? [place.name] : [])));
  const perhaps = Object.keys(env).filter((name) => forScripts.test(name) && !readByJvm.includes(name));
  const certain = [
    ...reader.ofVariable('JAVA_TOOL_OPTIONS', true),
    ...reader.ofVariable('JDK_JAVA_OPTIONS', true),
    ...command,
    ...reader.ofVariable('_JAVA_OPTIONS', true),
  ];
  // Only where no flag is certain: a script's variable would win over the JVM's own if it were read.
  const uncertain = perhaps.filter((name) => !passed.has(name)).flatMap((name) => reader.ofVariable(name, false));
  if (reader.isTooLong()) return 'too-long';
  const words = certain.some(isHeapFlag) ? certain : [...uncertain, ...certain];
  return {
    maxBytes: lastSize(words, /^-(?:Xmx|XX:MaxHeapSize=)(\d{1,15})([kmgt]?)$/i),
    initialBytes: lastSize(words, /^-(?:Xms|XX:InitialHeapSize=)(\d{1,15})([kmgt]?)$/i),
    maxPercent: lastPercent(words, /^-XX:MaxRAM(Percentage|Fraction)=(\d+(?:\.\d+)?)$/),
    minPercent: lastPercent(words, /^-XX:MinRAM(Percentage|Fraction)=(\d+(?:\.\d+)?)$/),
    blind: words.some(({ text }) => text === '-XX:-UseContainerSupport'),
    openJ9: /openj9|semeru/i.test(spec.image ?? ''),
  };
}

/**
 * The largest heap, bytes, that the JVM takes under a limit; null where the limit does not decide it and no flag does.
 * HotSpot (`Arguments::set_heap_size`): on small machines, where MinRAMPercentage gives less than `smallHeapBytes`,
 * MaxRAMPercentage is ignored. OpenJ9 without a flag: its documentation of -Xmx.
 */
export function jvmHeapUnder(flags: JvmFlags, limitBytes: number): number | null {
  if (flags.maxBytes) return flags.maxBytes.value;
  if (flags.blind) return null;
  const least = flags.initialBytes?.value ?? 0;
  if (flags.openJ9) return Math.max(least, openJ9Heap(flags, limitBytes));
  const small = (limitBytes * (flags.minPercent?.value ?? defaultPercent.min)) / 100;
  const ample = (limitBytes * (flags.maxPercent?.value ?? defaultPercent.max)) / 100;
  return Math.max(least, small < smallHeapBytes ? small : Math.max(ample, smallHeapBytes));
}

/** Whether MaxRAMPercentage can give a heap of that size under that limit: HotSpot ignores it where either is small. */
export function percentageCounts({ minPercent, openJ9 }: JvmFlags, limitBytes: number, heapBytes: number): boolean {
  const small = (limitBytes * (minPercent?.value ?? defaultPercent.min)) / 100;
  return openJ9 || (small >= smallHeapBytes && heapBytes >= smallHeapBytes);
}

function openJ9Heap({ maxPercent }: JvmFlags, limitBytes: number): number {
  if (maxPercent) return (limitBytes * maxPercent.value) / 100;
  if (limitBytes < gibi) return limitBytes / 2;
  return limitBytes < 2 * gibi ? limitBytes - 512 * mebi : limitBytes * 0.75;
}

function isHeapFlag({ text }: Word): boolean {
  return /^-(Xm[xs]\d|XX:(MaxHeapSize|InitialHeapSize|MaxRAMPercentage|MinRAMPercentage|MaxRAMFraction)=)/.test(text);
}

function lastSize(words: readonly Word[], pattern: RegExp): Setting | null {
  for (const { text, place } of words.toReversed()) {
    const [, digits, unit = ''] = pattern.exec(text) ?? [];
    if (digits !== undefined) return { value: Number(digits) * (SIZES[unit.toLowerCase()] ?? 1), text, place };
  }
  return null;
}

function lastPercent(words: readonly Word[], pattern: RegExp): Setting | null {
  for (const { text, place } of words.toReversed()) {
    const [, form, digits] = pattern.exec(text) ?? [];
    if (digits === undefined || Number(digits) <= 0) continue;
    return { value: form === 'Fraction' ? 100 / Number(digits) : Number(digits), text, place };
  }
  return null;
}
