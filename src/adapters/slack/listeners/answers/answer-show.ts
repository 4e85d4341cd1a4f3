import type { webApi } from '@slack/bolt';
import type { Answer } from '../../blocks/answer.ts';
import { renderShow } from '../../blocks/show.ts';
import { answerIncident } from './answer-incident.ts';
import type { ListenerDeps } from '../deps.ts';
import { threadLink } from '../thread-link.ts';

/** An incident as it stands now, with the link to its thread. */
export function answerShow(deps: ListenerDeps, id: string, client: webApi.WebClient): Promise<Answer> {
  return answerIncident(deps, { id, only: null }, async ({ cluster, loaded }) =>
    renderShow(loaded, await threadLink(deps, id, await cluster.place(id), client)),
  );
}
