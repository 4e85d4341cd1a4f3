/** A key to compare by, and what a person reads of it; null where it does not hold. */
export type PrivilegeFact = readonly [key: string, words: string] | null;

export function when(holds: boolean, key: string, words: string): PrivilegeFact {
  return holds ? [key, words] : null;
}
