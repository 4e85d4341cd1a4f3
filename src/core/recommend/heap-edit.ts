import { dotnetPercent, hexOf } from '../diagnose/runtimes/dotnet.ts';
import type { Heap } from '../diagnose/runtimes/heap.ts';
import type { Setting } from '../diagnose/runtimes/setting.ts';
import { wordsOf } from '../diagnose/runtimes/words.ts';
import type { SpecFacts } from '../evidence/evidence.ts';
import { noPlaceWords, withWords } from './change-words.ts';
import type { EnvChange } from './env-change.ts';
import { mebi } from '../units/quantity.ts';

/** The wanted heap: bytes, or percent of the limit. */
export type HeapTarget = { readonly unit: 'bytes' | 'percent'; readonly value: number };

/** Variables to change, or, if no variable can do it, a sentence that says what a person has to change. */
export type HeapEdit = { readonly env: readonly EnvChange[] } | { readonly byHand: string };

/** Read by the runtime itself, so that a flag put there counts. */
const OWN_VARIABLE = { jvm: 'JAVA_TOOL_OPTIONS', node: 'NODE_OPTIONS', dotnet: dotnetPercent } as const;

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
  const initial = initialAbove(heap, target);
  if (initial && (initial.place.in === 'args' || initial.place.name !== place.name))
    return {
      byHand: `${initial.text} is more than ${flag} and stands elsewhere, so the JVM would not start: change both by hand.`,
    };
  const lowered = initial ? [{ from: initial.text, to: flag.replace(/^-Xmx/, '-Xms') }] : [];
  // A variable of .NET has nothing but the number.
  const from = text.startsWith(`${place.name}=`) ? text.slice(place.name.length + 1) : text;
  return changeOf(place.name, spec.env[place.name] ?? '', [...lowered, { from, to: flag }]);
}

function flagOf({ runtime }: Heap, { unit, value }: HeapTarget): string {
  const whole = Math.floor(unit === 'bytes' ? value / mebi : value);
  if (runtime === 'dotnet') return hexOf(value);
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
  return changeOf(name, from ?? '', [{ from: null, to: flag }]);
}

function changeOf(name: string, value: string, words: EnvChange['words']): HeapEdit {
  const replaced = words.flatMap(({ from }) => from?.split(' ') ?? []).length;
  const change = { name, words, others: wordsOf(value).length > replaced };
  const changed = withWords(value, change);
  return changed.ok ? { env: [change] } : { byHand: noPlaceWords(name, changed.word, changed.why) };
}

/** An initial heap above the maximum keeps the JVM from starting. */
function initialAbove(heap: Heap, { unit, value }: HeapTarget): Setting | null {
  if (heap.runtime !== 'jvm' || unit !== 'bytes') return null;
  const { initialBytes } = heap.flags;
  return initialBytes !== null && initialBytes.value > value ? initialBytes : null;
}
