import { Failure } from '../../../core/failure.ts';
import { type Answer, renderSentence } from '../blocks/answer.ts';
import type { Cluster, ListenerDeps } from './deps.ts';

/** Open incidents of one cluster that are looked at for one answer. */
export const mostOpen = 200;

export const UNREADABLE_STORE = 'I cannot reach my store at the moment. Please try again in a minute.';

/** Answers from all clusters; if the store cannot be reached, with a sentence that says so. `about` is for the log. */
export async function withClusters(
  { clusters, log }: ListenerDeps,
  answer: (clusters: readonly Cluster[]) => Promise<Answer>,
  about: { readonly incident?: string; readonly pod?: string } = {},
): Promise<Answer> {
  try {
    return await answer(await clusters());
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    log.error({ error: failure, ...about }, 'store not read');
    return renderSentence(UNREADABLE_STORE);
  }
}
