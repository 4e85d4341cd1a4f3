import type { webApi } from '@slack/bolt';
import type { Place } from '../../../flow/needs.ts';
import type { Answer } from '../blocks/answer.ts';
import { renderShow, type ThreadLink } from '../blocks/show.ts';
import { answerIncident } from './answer-incident.ts';
import type { ListenerDeps } from './deps.ts';

/** An incident as it stands now, with the link to its thread. */
export function answerShow(deps: ListenerDeps, id: string, client: webApi.WebClient): Promise<Answer> {
  return answerIncident(deps, { id, only: null }, async ({ cluster, loaded }) =>
    renderShow(loaded, await linkTo(await cluster.place(id))),
  );

  async function linkTo(place: Place | null): Promise<ThreadLink> {
    if (place === null) return { is: 'not-posted' };
    try {
      const { permalink } = await client.chat.getPermalink({ channel: place.channel, message_ts: place.ts });
      return permalink === undefined ? { is: 'no-link' } : { is: 'link', url: permalink };
    } catch (error) {
      // The incident is worth more than the link; the answer says that it is missing.
      deps.log.warn({ error, incident: id }, 'no link to the thread');
      return { is: 'no-link' };
    }
  }
}
