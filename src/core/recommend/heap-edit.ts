import type { Heap } from '../diagnose/runtimes/heap.ts';
import type { Setting } from '../diagnose/runtimes/setting.ts';
import type { SpecFacts } from '../evidence/evidence.ts';
import type { EnvChange } from './recommendation.ts';
import { mebi } from '../units/quantity.ts';

/** The wanted heap: bytes, or percent of the limit. */
export type HeapTarget = { readonly unit: 'bytes' | 'percent'; readonly value: number };

/** Variables to change, or, if no variable can do it, a sentence that says what a person has to change. */
export type HeapEdit = { readonly env: readonly EnvChange[] } | { readonly byHand: string };

/** Read by the runtime itself, so that a flag put there counts. */
const OWN_VARIABLE = { jvm: 'JAVA_TOOL_OPTIONS', node: 'NODE_OPTIONS' } as const;

/**
 * How the heap flag is set. A flag in a variable is changed there and the rest of the variable stays; a flag in the
 * arguments overrides any variable, so only a person can change it. A missing flag is added to the variable that the
 * runtime reads, unless that may have a value that we cannot see.
 */
export function heapEdit(
  heap: Heap,
  spec: Pick<SpecFacts, 'env' | 'hiddenEnv' | 'envFrom'>,
  target: HeapTarget,
): HeapEdit {
  const flag = flagOf(heap, target);
  if (heap.flag === null) return added(OWN_VARIABLE[heap.runtime], flag, spec);
  const { text, place } = heap.flag;
  if (place.in === 'args')
    return { byHand: `${text} stands in its arguments, which win over any variable: change it there to ${flag}.` };
  const from = spec.env[place.name] ?? '';
  const initial = initialAbove(heap, target);
  if (initial && (initial.place.in === 'args' || initial.place.name !== place.name))
    return {
      byHand: `${initial.text} is more than ${flag} and stands elsewhere, so the JVM would not start: change both by hand.`,
    };
  const changed = replaceLast(from, text, flag);
  const to = initial ? replaceLast(changed, initial.text, flag.replace(/^-Xmx/, '-Xms')) : changed;
  return { env: [{ name: place.name, from, to }] };
}

function flagOf({ runtime }: Heap, { unit, value }: HeapTarget): string {
  const whole = Math.floor(unit === 'bytes' ? value / mebi : value);
  if (runtime === 'jvm') return unit === 'bytes' ? `-Xmx${whole}m` : `-XX:MaxRAMPercentage=${whole}`;
  return unit === 'bytes' ? `--max-old-space-size=${whole}` : `--max-old-space-size-percentage=${whole}`;
}

function added(
  name: string,
  flag: string,
  { env, hiddenEnv, envFrom }: Pick<SpecFacts, 'env' | 'hiddenEnv' | 'envFrom'>,
): HeapEdit {
  const from = env[name] ?? null;
  if (hiddenEnv.includes(name) || (from === null && envFrom))
    return { byHand: `${name} may have a value that is not seen here: add ${flag} where it comes from.` };
  return { env: [{ name, from, to: from === null || from.trim() === '' ? flag : `${from} ${flag}` }] };
}

/** An initial heap above the maximum keeps the JVM from starting. */
function initialAbove(heap: Heap, { unit, value }: HeapTarget): Setting | null {
  if (heap.runtime !== 'jvm' || unit !== 'bytes') return null;
  const { initialBytes } = heap.flags;
  return initialBytes !== null && initialBytes.value > value ? initialBytes : null;
}

/** The last one is the one that counts. Flag and value may stand apart by any white space. */
function replaceLast(value: string, flag: string, by: string): string {
  const words = flag.split(' ').map((word) => word.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&'));
  const found = [...value.matchAll(new RegExp(`(?<![^\\s"'])${words.join('\\s+')}(?![^\\s"'])`, 'g'))].at(-1);
  if (found === undefined) return value;
  return `${value.slice(0, found.index)}${by}${value.slice(found.index + found[0].length)}`;
}
