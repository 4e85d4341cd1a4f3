/** When to go on after a step: at once, or not before `until` (ms UTC; null = never). */
export type After = { readonly again: true } | { readonly again: false; readonly until: number | null };

export const again: After = { again: true };
