import type { webApi } from '@slack/bolt';
import type { Place } from '../../../core/talk/place.ts';
import type { ThreadLink } from '../blocks/answers/show.ts';
import { readPlace } from '../place.ts';
import type { ListenerDeps } from './deps.ts';

/** The address of an incident's thread, or why there is none. Never throws: an answer is worth more than the link. */
export async function threadLink(
  { log }: Pick<ListenerDeps, 'log'>,
  incident: string,
  place: Place | null,
  client: webApi.WebClient,
): Promise<ThreadLink> {
  if (place === null) return { is: 'not-posted' };
  try {
    const { channel, ts } = readPlace(place);
    const { permalink } = await client.chat.getPermalink({ channel, message_ts: ts });
    return permalink === undefined ? { is: 'no-link' } : { is: 'link', url: permalink };
  } catch (error) {
    log.warn({ error, incident }, 'no link to the thread');
    return { is: 'no-link' };
  }
}
