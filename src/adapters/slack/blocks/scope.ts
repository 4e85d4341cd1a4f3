import type { Unknown } from '../../../core/talk/scope.ts';
import { namesOf } from '../../../core/talk/words.ts';

/** A cluster or namespace that does not exist, as a sentence with what may have been meant; not escaped. */
export function unknownLine({ of, name, near }: Unknown): string {
  const meant = near.length === 0 ? 'See /oom status for the clusters.' : `Did you mean ${namesOf(near, near.length)}?`;
  return `I know no ${of} ${name}. ${meant}`;
}

/** Nobody has started a worker yet. */
export const NO_CLUSTERS =
  'I know no cluster yet: no worker has been seen. Start one (oomkeeper worker); it tells me of its cluster.';
