import type { ReactNode } from 'react';
import type { ChangedFile } from './forge.ts';

const signs: Readonly<Record<string, string>> = { '+': 'added', '-': 'removed', ' ': 'kept' };
const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** The lines of a unified diff that starts with its first `@@`, with their numbers before and after it. */
const rowsOf = (patch: string): readonly ReactNode[] => {
  let before = 0;
  let after = 0;
  return patch.split('\n').map((line, place) => {
    const [, from, to] = hunk.exec(line) ?? [];
    const sign = line.charAt(0);
    const kind = signs[sign];
    if (from !== undefined && to !== undefined) [before, after] = [Number(from), Number(to)];
    if (kind === undefined) {
      return (
        <tr key={place} className="diff-hunk">
          <td colSpan={4}>{line}</td>
        </tr>
      );
    }
    return (
      <tr key={place} className={`diff-${kind}`}>
        <td className="diff-number">{kind === 'added' ? null : before++}</td>
        <td className="diff-number">{kind === 'removed' ? null : after++}</td>
        <td className="diff-sign">{sign}</td>
        <td className="diff-text">{line.slice(1)}</td>
      </tr>
    );
  });
};

const Counts = ({ additions, deletions }: { readonly additions: number; readonly deletions: number }): ReactNode => (
  <span className="counts">
    <span className="count-added">+{additions}</span> <span className="count-removed">-{deletions}</span>
  </span>
);

const sum = (files: readonly ChangedFile[], of: 'additions' | 'deletions'): number =>
  files.reduce((total, file) => total + file[of], 0);

/** What a pull request changes, file by file. */
export const DiffView = ({ files }: { readonly files: readonly ChangedFile[] }): ReactNode => (
  <section aria-labelledby="files">
    <h2 id="files">
      {files.length === 1 ? '1 file changed' : `${files.length} files changed`}{' '}
      <Counts additions={sum(files, 'additions')} deletions={sum(files, 'deletions')} />
    </h2>
    {files.map(({ additions, deletions, patch, path, status }) => (
      <article key={path} className="box" aria-label={path}>
        <h3 className="file-head">
          {path} {status !== 'modified' && <span className="quiet">({status})</span>}
          <Counts additions={additions} deletions={deletions} />
        </h3>
        {/* Focusable, so that long lines can be reached with the arrow keys. */}
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region has to be reachable */}
        <section className="diff-scroll" tabIndex={0} aria-label={`Changes of ${path}`}>
          <table className="diff">
            <caption className="hidden-text">
              Line before, line after, sign (+ added, - removed), text of {path}
            </caption>
            <tbody>{rowsOf(patch)}</tbody>
          </table>
        </section>
      </article>
    ))}
  </section>
);
