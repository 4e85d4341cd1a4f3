import type { ReactNode } from 'react';
import type { Pull } from './forge.ts';

const words: Readonly<Record<Pull['state'], string>> = { open: 'Open', merged: 'Merged', closed: 'Closed' };

/** The state in a word; the colour only repeats it. */
export const StateBadge = ({ state }: { readonly state: Pull['state'] }): ReactNode => (
  <span className={`badge badge-${state}`}>{words[state]}</span>
);
