import type { ReactNode } from 'react';

interface Props {
  readonly what: 'block' | 'element';
  readonly type: string;
  readonly content: unknown;
}

/** What this page can't draw is shown as what it is, never left out. */
export const Fallback = ({ what, type, content }: Props): ReactNode => (
  <details className="fallback">
    <summary>
      This sandbox does not draw {what} type <code className="code">{type}</code>
    </summary>
    <pre className="preformatted">{JSON.stringify(content, null, 2)}</pre>
  </details>
);
