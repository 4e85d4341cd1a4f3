import type { ReactNode } from 'react';
import { usePage } from './scope.ts';
import { Preformatted } from './text/text.tsx';
import type { SharedFile } from './workspace.ts';

const sizeText = (bytes: number): string =>
  bytes < 1024
    ? `${bytes} B`
    : bytes < 1024 * 1024
      ? `${Math.round(bytes / 1024)} KB`
      : `${(bytes / 1024 / 1024).toFixed(1)} MB`;

const Name = ({ file }: { readonly file: SharedFile }): ReactNode => (
  <a href={file.url} target="_blank" rel="noreferrer noopener">
    {file.title === '' ? file.name : file.title}
  </a>
);

const Facts = ({ file }: { readonly file: SharedFile }): ReactNode => (
  <span className="quiet">
    {file.pretty_type} · {sizeText(file.size)}
  </span>
);

const linesIn = (text: string): number => text.trimEnd().split('\n').length;
/** Longer snippets start folded. */
const unfoldedLines = 8;

const Snippet = ({ file }: { readonly file: SharedFile }): ReactNode => {
  const text = file.text ?? '';
  const lines = linesIn(text);
  return (
    <details className="file file-text" open={lines <= unfoldedLines}>
      <summary>
        <strong>{file.title === '' ? file.name : file.title}</strong> <Facts file={file} />
      </summary>
      <Preformatted text={text} />
      <p className="quiet">
        {file.is_cut ? `The first ${lines} lines. ` : ''}
        <a href={file.url} target="_blank" rel="noreferrer noopener">
          Open {file.name}
        </a>
      </p>
    </details>
  );
};

/** A file that a message shares: a picture is shown, a text can be unfolded, anything else is a link. */
export const SharedFileView = ({ id }: { readonly id: string }): ReactNode => {
  const file = usePage().files.get(id);
  if (file === undefined) return <p className="tombstone">This file was deleted.</p>;
  switch (file.shown_as) {
    case 'image':
      return (
        <figure className="file file-image">
          <figcaption>
            <Name file={file} /> <Facts file={file} />
          </figcaption>
          <img src={file.url} alt={file.alt_txt ?? file.title} />
        </figure>
      );
    case 'text':
      return <Snippet file={file} />;
    case 'download':
      return (
        <p className="file">
          <Name file={file} /> <Facts file={file} />
        </p>
      );
  }
};
