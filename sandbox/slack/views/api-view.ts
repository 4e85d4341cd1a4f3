import { stateOf } from '../actions.ts';
import type { JsonObject } from '../json.ts';
import type { World } from '../method.ts';
import { heldIn, type StoredView } from './view-store.ts';

/** A view as the Web API and interaction payloads show it, with what people typed into it. */
export function apiView(world: World, view: StoredView): JsonObject {
  const { bot, team } = world.workspace;
  const { content } = view;
  return {
    id: view.id,
    team_id: team.id,
    type: content.type,
    blocks: content.blocks,
    private_metadata: content.privateMetadata,
    callback_id: content.callbackId,
    state: stateOf(content.blocks, (blockId, actionId) => heldIn(view, blockId, actionId)),
    hash: view.hash,
    // NOTE: a Home tab has no title of its own, and Slack sends one all the same.
    title: content.title ?? { type: 'plain_text', text: 'View Title', emoji: true },
    clear_on_close: content.clearOnClose,
    notify_on_close: content.notifyOnClose,
    close: content.close ?? null,
    submit: content.submit ?? null,
    previous_view_id: view.previousId ?? null,
    root_view_id: view.rootId,
    app_id: bot.appId,
    external_id: content.externalId ?? '',
    app_installed_team_id: team.id,
    bot_id: bot.botId,
  };
}
