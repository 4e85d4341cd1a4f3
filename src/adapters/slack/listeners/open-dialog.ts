import type { BlockAction, RespondFn, types, webApi } from '@slack/bolt';
import { renderSentence } from '../blocks/answer.ts';
import { viewInReadersTime } from '../blocks/readers-time.ts';
import { asSlackFailure } from '../slack-failure.ts';
import type { ListenerDeps } from './deps.ts';
import { reply } from './reply.ts';

const NO_DIALOG = 'Slack did not show the dialog. Nothing changed; please click again.';

interface Clicked {
  readonly body: Pick<BlockAction, 'trigger_id'>;
  readonly client: webApi.WebClient;
  readonly respond: RespondFn;
}

/** Opens a dialog at once, because a trigger expires after 3 s, and fills it when that is ready. */
export async function openDialog(
  { log, now }: Pick<ListenerDeps, 'log' | 'now'>,
  { body, client, respond }: Clicked,
  { incident, opening }: { readonly incident: string; readonly opening: types.ModalView },
  filled: () => Promise<types.ModalView>,
): Promise<void> {
  try {
    const { view: opened } = await client.views.open({ trigger_id: body.trigger_id, view: opening });
    await fill(client, opened, viewInReadersTime(await filled(), now()));
  } catch (error) {
    log.warn({ error: asSlackFailure(error, 'views.open'), incident }, 'dialog not shown');
    await reply(respond, renderSentence(NO_DIALOG));
  }
}

async function fill(
  client: webApi.WebClient,
  opened: webApi.ViewsOpenResponse['view'],
  view: types.ModalView,
): Promise<void> {
  if (opened?.id === undefined) return;
  const hash = opened.hash === undefined ? {} : { hash: opened.hash };
  try {
    await client.views.update({ view_id: opened.id, ...hash, view });
  } catch (error) {
    const failure = asSlackFailure(error, 'views.update');
    // The person has closed it already.
    if (failure.code !== 'chat-view-gone') throw failure;
  }
}
