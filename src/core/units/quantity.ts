import { Failure } from '../failure.ts';
import { cut, textBounds } from './text-bounds.ts';

export const mebi = 2 ** 20;
export const gibi = 2 ** 30;

const BINARY_SUFFIXES = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;
const DECIMAL_SUFFIXES = ['k', 'M', 'G', 'T', 'P', 'E'] as const;

/** Powers of ten below one: Kubernetes allows nano, micro and milli, for memory too (`128974848000m`). */
const SMALL_SUFFIXES: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3 };

/** Kubernetes clamps at 2^63 - 1; a longer exponent could only come from a hostile object. */
const LARGEST_EXPONENT = 30;

/** What people write for a binary size: four digits at most. */
const AS_WRITTEN = /^-?\d{1,4}[KMGTPE]i$/;

const GRAMMAR = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d{1,4}))?$/;

interface Scale {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/**
 * Reads a Kubernetes memory quantity as whole bytes, exactly. A fraction of a byte is rounded up, away from zero, as
 * `Quantity.Value()` of apimachinery does. Grammar: k8s.io/apimachinery/pkg/api/resource.
 * @throws Failure `bad-quantity` for anything that the API server would refuse, the empty string included.
 */
export function parseQuantity(text: string): bigint {
  const match = text.length > textBounds.quantity ? null : GRAMMAR.exec(text);
  if (match === null) throw badQuantity(text);
  const [, sign, digits = '', binary, decimal, exponent] = match;
  const [whole = '', fraction = ''] = digits.split('.');

  const scale = scaleOf(binary, decimal, exponent, text);
  const numerator = BigInt(whole + fraction) * scale.numerator;
  const denominator = 10n ** BigInt(fraction.length) * scale.denominator;
  const bytes = (numerator + denominator - 1n) / denominator;
  return sign === '-' ? -bytes : bytes;
}

/**
 * The same as a number of bytes, for arithmetic: exact up to 2^53 and for every power of two.
 * @throws Failure `bad-quantity`, also for a negative amount, which no memory limit can be.
 */
export function parseBytes(text: string): number {
  const bytes = parseQuantity(text);
  if (bytes < 0n) throw badQuantity(text);
  return Number(bytes);
}

/** Exact text for a patch: the largest binary suffix that loses nothing, else the largest decimal one, else bytes. */
export function formatQuantity(bytes: bigint | number): string {
  const exact = BigInt(bytes);
  return withSuffix(exact, 1024n, BINARY_SUFFIXES) ?? withSuffix(exact, 1000n, DECIMAL_SUFFIXES) ?? exact.toString();
}

/**
 * Text for a person: `412Mi`, `1.5Gi`. Rounded to at most one decimal, except that a size which somebody can have
 * written (`1100Mi`) is never rounded. Never use it in a patch.
 */
export function formatBytes(bytes: number): string {
  const size = Math.abs(bytes);
  let power = 0;
  while (power < BINARY_SUFFIXES.length && Math.round(size / 1024 ** power) >= 1024) power += 1;
  if (power === 0) return `${Math.round(bytes)}B`;

  const scaled = bytes / 1024 ** power;
  const rounded = Math.abs(scaled) < 10 ? Math.round(scaled * 10) / 10 : Math.round(scaled);
  const written = formatQuantity(Math.round(bytes));
  if (scaled !== rounded && AS_WRITTEN.test(written)) return written;
  return `${rounded}${BINARY_SUFFIXES[power - 1]}`;
}

function scaleOf(binary?: string, decimal?: string, exponent?: string, text = ''): Scale {
  if (binary !== undefined) {
    const power = BINARY_SUFFIXES.findIndex((suffix) => suffix === binary) + 1;
    return { numerator: 1024n ** BigInt(power), denominator: 1n };
  }
  const power = exponent === undefined ? decimalPower(decimal) : Number(exponent);
  if (Math.abs(power) > LARGEST_EXPONENT) throw badQuantity(text);
  return power < 0
    ? { numerator: 1n, denominator: 10n ** BigInt(-power) }
    : { numerator: 10n ** BigInt(power), denominator: 1n };
}

function decimalPower(suffix: string | undefined): number {
  if (suffix === undefined) return 0;
  return SMALL_SUFFIXES[suffix] ?? (DECIMAL_SUFFIXES.findIndex((known) => known === suffix) + 1) * 3;
}

function withSuffix(bytes: bigint, base: bigint, suffixes: readonly string[]): string | null {
  if (bytes === 0n) return null;
  let power = 0;
  let rest = bytes;
  while (power < suffixes.length && rest % base === 0n) {
    rest /= base;
    power += 1;
  }
  const suffix = suffixes[power - 1];
  return suffix === undefined ? null : `${rest}${suffix}`;
}

function badQuantity(text: string): Failure {
  const shown = cut(text, 40);
  return new Failure('bad-quantity', `"${shown}" is not a memory quantity; write it like 512Mi, 1.5Gi or 129M.`);
}
