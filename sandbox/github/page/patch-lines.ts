/** One line of a patch, with its number before and after the change. */
export interface PatchLine {
  readonly kind: 'hunk' | 'added' | 'removed' | 'kept' | 'note';
  readonly before: number | null;
  readonly after: number | null;
  /** Without its sign. */
  readonly text: string;
}

const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** The lines of a unified diff that starts with its first `@@`. */
export const patchLines = (patch: string): readonly PatchLine[] => {
  let before = 0;
  let after = 0;
  return patch.split('\n').map((line): PatchLine => {
    const [, from, to] = hunk.exec(line) ?? [];
    if (from !== undefined && to !== undefined) {
      before = Number(from);
      after = Number(to);
      return { kind: 'hunk', before: null, after: null, text: line };
    }
    const text = line.slice(1);
    if (line.startsWith('+')) return { kind: 'added', before: null, after: after++, text };
    if (line.startsWith('-')) return { kind: 'removed', before: before++, after: null, text };
    if (line.startsWith('\\')) return { kind: 'note', before: null, after: null, text: text.trim() };
    return { kind: 'kept', before: before++, after: after++, text };
  });
};
