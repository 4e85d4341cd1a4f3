import { formatQuantity, parseQuantity, unitsOf } from '../admission/quantity.ts';

/** Whole bytes of a memory quantity such as `96Mi`; undefined when the text is none. */
export function bytesOf(quantity: unknown): number | undefined {
  const units = unitsOf(quantity);
  return units === undefined ? undefined : Number(units);
}

/** Bytes as the largest binary unit that says them exactly: `96Mi`, else plain bytes. */
export function formatBytes(bytes: number): string {
  return formatQuantity({ nano: BigInt(Math.round(bytes)) * 1_000_000_000n, format: 'binary' });
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
