import { Scalar } from 'yaml';
import type { WordChange } from '../../recommend/env-change.ts';

/**
 * A scalar that is to be written. `string` is quoted where it is new, `word` only where it would read as something else
 * than a string, `quantity` never: Kubernetes takes numbers too.
 */
export interface Leaf {
  readonly value: string;
  readonly as: 'string' | 'word' | 'quantity';
  /** Where there is a string already: only these words of it change, which make it `value`. */
  readonly words?: readonly WordChange[];
}

export type Quote = '"' | "'";

/** Words that some reader of YAML 1.1 takes for something else than a string. */
const keyword = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf|infinity)$/i;
/** Begins like a word or a flag; no comma or bracket, so that it may stand in a flow collection too. */
const plainForm = /^-?[A-Za-z_/][\w./+=%@: -]*$/;
const notPlain = /: | #|[: ]$/;
/** What a reader of YAML refuses to see bare, beyond what JSON escapes by itself. */
const unprintable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
// eslint-disable-next-line no-control-regex
const needsDouble = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|\p{Surrogate}/u;

/** A leaf as text where there was none before. */
export function newScalar({ value, as }: Leaf, quote: Quote): string {
  if (as === 'quantity' || (as === 'word' && isPlain(value))) return value;
  return quoted(value, quote);
}

/** The text that takes the place of `old`, in the quotes that it had; null for block scalars, which are not edited. */
export function scalarLike(old: Scalar, { value, as }: Leaf): string | null {
  switch (old.type) {
    case Scalar.QUOTE_DOUBLE:
      return quoted(value, '"');
    case Scalar.QUOTE_SINGLE:
      return quoted(value, "'");
    case Scalar.PLAIN:
      return as === 'quantity' || isPlain(value) ? value : quoted(value, '"');
    case Scalar.BLOCK_FOLDED:
    case Scalar.BLOCK_LITERAL:
    case undefined:
      return null;
  }
  return null;
}

function isPlain(value: string): boolean {
  return plainForm.test(value) && !notPlain.test(value) && !keyword.test(value);
}

function quoted(value: string, quote: Quote): string {
  if (quote === "'" && !needsDouble.test(value)) return `'${value.replaceAll("'", "''")}'`;
  return JSON.stringify(value).replaceAll(
    unprintable,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
