/** What a step leaves behind: look again at once, or not before `until` (ms UTC; null = never). */
export type After = { readonly again: true } | { readonly again: false; readonly until: number | null };

export const again: After = { again: true };
