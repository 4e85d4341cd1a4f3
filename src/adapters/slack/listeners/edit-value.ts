import type { BlockAction, ButtonAction, Middleware, SlackActionMiddlewareArgs, types, webApi } from '@slack/bolt';
import { renderSentence } from '../blocks/answer.ts';
import { decodeButtonValue } from '../blocks/button-value.ts';
import { renderOpening } from '../blocks/edit-value.ts';
import { asSlackFailure } from '../slack-failure.ts';
import type { ListenerDeps } from './deps.ts';
import { dialogOf } from './editable.ts';
import { UNREADABLE } from './record-click.ts';
import { acknowledged, reply } from './reply.ts';

const NO_DIALOG = 'Slack did not show the dialog. Nothing was done; please click again.';

/**
 * Edit value…: the dialog is opened first, because a trigger expires after 3 s, and filled when the store has answered.
 */
export function onEdit(deps: ListenerDeps): Middleware<SlackActionMiddlewareArgs<BlockAction<ButtonAction>>> {
  return async ({ ack, action, body, respond, client }) => {
    await acknowledged(ack, deps.log);
    const about = decodeButtonValue(action.value);
    if (about === null) {
      await reply(respond, renderSentence(UNREADABLE));
      return;
    }
    try {
      const opening = renderOpening(about);
      const { view: opened } = await client.views.open({ trigger_id: body.trigger_id, view: opening });
      await fill(client, opened, await dialogOf(deps, about, null));
    } catch (error) {
      const failure = asSlackFailure(error, 'views.open');
      deps.log.warn({ error: failure, incident: about.incident }, 'dialog not shown');
      await reply(respond, renderSentence(NO_DIALOG));
    }
  };
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
