import type { webApi } from '@slack/bolt';
import { Failure } from '../../../core/failure.ts';
import type { Place } from '../../../flow/needs.ts';
import { type Answer, answerOf, renderSentence } from '../blocks/answer.ts';
import { renderShow, type ThreadLink } from '../blocks/show.ts';
import { renderUnknownIncident } from '../blocks/why.ts';
import { UNREADABLE_STORE } from './answer-why.ts';
import type { ListenerDeps } from './deps.ts';
import { findIncident, nearIncidents } from './find-incident.ts';

/** An incident as it stands now, with the link to its thread. */
export async function answerShow(deps: ListenerDeps, id: string, client: webApi.WebClient): Promise<Answer> {
  try {
    const clusters = await deps.clusters();
    const found = await findIncident(clusters, id);
    if (found.length === 0) return renderUnknownIncident(id, await nearIncidents(clusters, id));
    const answers = await Promise.all(
      found.map(async ({ cluster, loaded }) => renderShow(loaded, await linkTo(await cluster.place(id)))),
    );
    return answerOf(
      answers.flatMap(({ blocks }) => blocks),
      answers.map(({ text }) => text),
    );
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    deps.log.error({ error: failure, incident: id }, 'incident not read');
    return renderSentence(UNREADABLE_STORE);
  }

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
