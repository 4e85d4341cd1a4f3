/** A Kubernetes quantity: an exact number of nano-units and the family of suffixes that it is written in. */
export interface Quantity {
  readonly nano: bigint;
  readonly format: 'binary' | 'decimal' | 'exponent';
}

const nanosPerUnit = 1_000_000_000n;
const decimalNanos: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 1000n,
  m: 1_000_000n,
  '': nanosPerUnit,
  k: 10n ** 12n,
  M: 10n ** 15n,
  G: 10n ** 18n,
  T: 10n ** 21n,
  P: 10n ** 24n,
  E: 10n ** 27n,
};
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** Reads a quantity as the API server does (a JSON number counts as text); undefined when it is none. */
export function parseQuantity(value: unknown): Quantity | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return undefined;
  const match = /^(?<sign>[+-]?)(?<whole>\d*)(?:\.(?<fraction>\d*))?(?<suffix>[eE][+-]?\d+|[A-Za-z]*)$/.exec(text);
  const { sign, whole = '', fraction = '', suffix = '' } = match?.groups ?? {};
  if (match === null || `${whole}${fraction}` === '') return undefined;
  const unit = unitOf(suffix);
  if (unit === undefined) return undefined;
  const scaled = BigInt(`${whole}${fraction}`) * unit.nanos;
  const divisor = 10n ** BigInt(fraction.length) * unit.divisor;
  const nano = scaled / divisor + (scaled % divisor === 0n ? 0n : 1n);
  return { nano: sign === '-' ? -nano : nano, format: unit.format };
}

function unitOf(
  suffix: string,
): { readonly nanos: bigint; readonly divisor: bigint; readonly format: Quantity['format'] } | undefined {
  const binary = binarySuffixes.indexOf(suffix);
  if (binary > 0) return { nanos: nanosPerUnit * 1024n ** BigInt(binary), divisor: 1n, format: 'binary' };
  const decimal = decimalNanos[suffix];
  if (decimal !== undefined) return { nanos: decimal, divisor: 1n, format: 'decimal' };
  if (!/^[eE][+-]?\d+$/.test(suffix)) return undefined;
  const exponent = Number(suffix.slice(1));
  if (Math.abs(exponent) > 18) return undefined;
  const power = 10n ** BigInt(Math.abs(exponent));
  return exponent < 0
    ? { nanos: nanosPerUnit, divisor: power, format: 'exponent' }
    : { nanos: nanosPerUnit * power, divisor: 1n, format: 'exponent' };
}

/** The text that the API server stores: the largest suffix of the same family without a fraction. */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0';
  if (format === 'binary' && (nano >= 1024n * nanosPerUnit || nano <= -1024n * nanosPerUnit)) {
    let units = roundUp(nano);
    let suffix = 0;
    while (units % 1024n === 0n && suffix < binarySuffixes.length - 1) {
      units /= 1024n;
      suffix += 1;
    }
    return `${units}${binarySuffixes[suffix] ?? ''}`;
  }
  let digits = nano;
  let thousands = -3;
  while (digits % 1000n === 0n && thousands < 6) {
    digits /= 1000n;
    thousands += 1;
  }
  if (format === 'exponent') return thousands === 0 ? String(digits) : `${digits}e${thousands * 3}`;
  return `${digits}${['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'][thousands + 3] ?? ''}`;
}

function roundUp(nano: bigint): bigint {
  return nano / nanosPerUnit + (nano > 0n && nano % nanosPerUnit !== 0n ? 1n : 0n);
}

/** Whole bytes of a memory quantity such as `96Mi`, rounded up; undefined when the text is none. */
export function bytesOf(quantity: unknown): number | undefined {
  const parsed = parseQuantity(quantity);
  return parsed === undefined ? undefined : Number(roundUp(parsed.nano));
}

/** Bytes as the largest binary unit that says them exactly: `96Mi`, else plain bytes. */
export function formatBytes(bytes: number): string {
  return formatQuantity({ nano: BigInt(Math.round(bytes)) * nanosPerUnit, format: 'binary' });
}

/** Adds quantities of one resource: `64Mi` and `48Mi` are `112Mi`. */
export function sumQuantities(quantities: readonly string[]): string {
  const parsed = quantities.map(parseQuantity).filter((quantity) => quantity !== undefined);
  const nano = parsed.reduce((sum, quantity) => sum + quantity.nano, 0n);
  return formatQuantity({ nano, format: parsed.find((quantity) => quantity.nano > 0n)?.format ?? 'binary' });
}

/** The larger of two quantities. */
export function largerQuantity(a: string, b: string): string {
  return (parseQuantity(a)?.nano ?? 0n) >= (parseQuantity(b)?.nano ?? 0n) ? a : b;
}
