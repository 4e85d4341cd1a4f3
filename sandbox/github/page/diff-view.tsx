import type { ReactNode } from 'react';
import type { ChangedFile } from './forge.ts';
import { type PatchLine, patchLines } from './patch-lines.ts';

const signs: Readonly<Record<PatchLine['kind'], string>> = { added: '+', removed: '-', kept: ' ', hunk: '', note: '' };

const Row = ({ line }: { readonly line: PatchLine }): ReactNode =>
  line.kind === 'hunk' || line.kind === 'note' ? (
    <tr className={`diff-${line.kind}`}>
      <td colSpan={4}>{line.text}</td>
    </tr>
  ) : (
    <tr className={`diff-${line.kind}`}>
      <td className="diff-number">{line.before}</td>
      <td className="diff-number">{line.after}</td>
      <td className="diff-sign">{signs[line.kind]}</td>
      <td className="diff-text">{line.text}</td>
    </tr>
  );

const Patch = ({ path, patch }: { readonly path: string; readonly patch: string | null }): ReactNode =>
  patch === null ? (
    <p className="quiet diff-none">No lines to show: the file is not text, or only its mode changed.</p>
  ) : (
    // Focusable, so that long lines can be reached with the arrow keys.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region has to be reachable
    <section className="diff-scroll" tabIndex={0} aria-label={`Changes of ${path}`}>
      <table className="diff">
        <caption className="hidden-text">Line before, line after, sign (+ added, - removed), text of {path}</caption>
        <tbody>
          {patchLines(patch).map((line, place) => (
            <Row key={place} line={line} />
          ))}
        </tbody>
      </table>
    </section>
  );

/** What a pull request changes, file by file. */
export const DiffView = ({ files }: { readonly files: readonly ChangedFile[] }): ReactNode => (
  <section aria-labelledby="files">
    <h2 id="files">
      {files.length === 1 ? '1 file changed' : `${files.length} files changed`}{' '}
      <Counts additions={sum(files, 'additions')} deletions={sum(files, 'deletions')} />
    </h2>
    {files.map((file) => (
      <article key={file.path} className="box" aria-label={file.path}>
        <h3 className="file-head">
          {file.path} {file.status !== 'modified' && <span className="quiet">({file.status})</span>}
          <Counts additions={file.additions} deletions={file.deletions} />
        </h3>
        <Patch path={file.path} patch={file.patch} />
      </article>
    ))}
  </section>
);

const Counts = ({ additions, deletions }: { readonly additions: number; readonly deletions: number }): ReactNode => (
  <span className="counts">
    <span className="count-added">+{additions}</span> <span className="count-removed">-{deletions}</span>
  </span>
);

const sum = (files: readonly ChangedFile[], of: 'additions' | 'deletions'): number =>
  files.reduce((total, file) => total + file[of], 0);
