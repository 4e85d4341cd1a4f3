import type { SpecFacts } from '../../evidence/evidence.ts';
import type { Setting } from './setting.ts';
import { createWordReader, optionsOf } from './words.ts';
import type { Word } from './words.ts';
import { mebi } from '../../units/quantity.ts';

/** What the flags of Node.js say about its heap (V8's old space); null = not set. */
export interface NodeFlags {
  readonly maxBytes: Setting | null;
  readonly maxPercent: Setting | null;
}

/** Node 20 and later: half of the limit, at most about this. */
const defaultShare = 0.5;
const largestDefault = 2048 * mebi;

const sizeName = /^--max[-_]old[-_]space[-_]size$/;
const percentName = /^--max[-_]old[-_]space[-_]size[-_]percentage$/;

/** Reads the heap flags of `NODE_OPTIONS` and of the command line, which wins. Pure. */
export function nodeFlags(spec: Pick<SpecFacts, 'env' | 'args'>): NodeFlags | 'too-long' {
  const reader = createWordReader(spec);
  const command = optionsOf(
    reader.ofCommand(),
    /^node(js)?$/,
    /^(-r|--require|--import|--loader)$|^--max[-_]old[-_]space[-_]size([-_]percentage)?$/,
    /^--$/,
  );
  const words = [...reader.ofVariable('NODE_OPTIONS', true), ...command];
  if (reader.isTooLong()) return 'too-long';
  const size = lastValue(words, sizeName);
  return { maxBytes: size && { ...size, value: size.value * mebi }, maxPercent: lastValue(words, percentName) };
}

/** The largest heap, bytes, under a limit. The percentage wins over the size. */
export function nodeHeapUnder({ maxBytes, maxPercent }: NodeFlags, limitBytes: number): number {
  if (maxPercent) return (limitBytes * maxPercent.value) / 100;
  return maxBytes?.value ?? Math.min(limitBytes * defaultShare, largestDefault);
}

/** `--flag=700`, and `--flag 700` as V8 takes it too. */
function lastValue(words: readonly Word[], name: RegExp): Setting | null {
  for (let index = words.length - 1; index >= 0; index -= 1) {
    const word = words[index];
    const [flag = '', written] = word?.text.split('=') ?? [];
    if (word === undefined || !name.test(flag)) continue;
    const digits = written ?? words[index + 1]?.text ?? '';
    if (!/^\d+(\.\d+)?$/.test(digits) || Number(digits) <= 0) continue;
    return { value: Number(digits), text: written === undefined ? `${flag} ${digits}` : word.text, place: word.place };
  }
  return null;
}
