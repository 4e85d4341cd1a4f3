import type { webApi } from '@slack/bolt';
import type { Answer } from '../../blocks/answer.ts';
import { renderWhy } from '../../blocks/why.ts';
import { answerIncident, type AskedIncident } from './answer-incident.ts';
import { findHistory } from './answer-pod.ts';
import type { ListenerDeps } from '../deps.ts';

/** Why an incident happened; where nobody knows its id, what happened to the pod of that name, if there is one. */
export function answerWhy(
  deps: ListenerDeps,
  { id, only, pod }: AskedIncident & { readonly pod: string | null },
  client: webApi.WebClient,
): Promise<Answer> {
  return answerIncident(
    deps,
    { id, only },
    async ({ loaded }) => renderWhy(loaded),
    async (clusters) => (pod === null ? null : findHistory(deps, clusters, pod, client)),
  );
}
