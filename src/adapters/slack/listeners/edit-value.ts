import type { BlockAction, ButtonAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import { renderSentence } from '../blocks/answer.ts';
import { decodeButtonValue } from '../blocks/button-value.ts';
import { renderOpening } from '../blocks/edit-value.ts';
import type { ListenerDeps } from './deps.ts';
import { dialogOf } from './editable.ts';
import { openDialog } from './open-dialog.ts';
import { UNREADABLE } from './record-click.ts';
import { acknowledged, reply } from './reply.ts';

/** Edit value…: the dialog is filled when the store has answered. */
export function onEdit(deps: ListenerDeps): Middleware<SlackActionMiddlewareArgs<BlockAction<ButtonAction>>> {
  return async ({ ack, action, body, respond, client }) => {
    await acknowledged(ack, deps.log);
    const about = decodeButtonValue(action.value);
    if (about === null) {
      await reply(respond, renderSentence(UNREADABLE));
      return;
    }
    const { incident } = about;
    const opening = renderOpening(about);
    await openDialog(deps, { body, client, respond }, { incident, opening }, async () => dialogOf(deps, about, null));
  };
}
