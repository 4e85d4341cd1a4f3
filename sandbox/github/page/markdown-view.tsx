import type { ComponentProps, ReactNode } from 'react';
import Markdown from 'react-markdown';

const signs: Readonly<Record<string, string>> = { '+': 'added', '-': 'removed', '@': 'hunk' };

/** The lines of a diff with their colours; anything else as it is. */
const Code = ({ children, className }: ComponentProps<'code'>): ReactNode =>
  className === 'language-diff' && typeof children === 'string' ? (
    <code>
      {children.split(/(?<=\n)/).map((line, place) => (
        <span key={place} className={`diff-${signs[line.charAt(0)] ?? 'kept'}`}>
          {line}
        </span>
      ))}
    </code>
  ) : (
    <code className="code">{children}</code>
  );

/** A text that somebody wrote, as Markdown; HTML in it stays text, except comments, which are left out. */
export const MarkdownView = ({ text }: { readonly text: string }): ReactNode => (
  <div className="markdown">
    <Markdown components={{ code: Code }}>{text.replaceAll(/<!--[\s\S]*?-->/g, '')}</Markdown>
  </div>
);
