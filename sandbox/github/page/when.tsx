import type { ReactNode } from 'react';

/** A moment in the reader's own time zone. */
export const When = ({ at }: { readonly at: number }): ReactNode => (
  <time dateTime={new Date(at).toISOString()}>{new Date(at).toLocaleString()}</time>
);
