import { inputValue } from '../people/actions.ts';
import { interactiveElements } from '../blocks/check-blocks.ts';
import type { JsonObject } from '../json.ts';
import type { World } from '../web-api/method.ts';
import { type StoredView, typedIn } from './view-store.ts';

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
    state: { values: valuesOf(view) },
    hash: view.hash,
    ...(content.title === undefined ? {} : { title: content.title }),
    clear_on_close: false,
    notify_on_close: false,
    close: content.close ?? null,
    submit: content.submit ?? null,
    previous_view_id: null,
    root_view_id: view.id,
    app_id: bot.appId,
    external_id: '',
    app_installed_team_id: team.id,
    bot_id: bot.botId,
  };
}

/** What every input shows, by block and action. */
function valuesOf(view: StoredView): JsonObject {
  const values = view.content.blocks.flatMap((block) => {
    const blockId = String(block['block_id']);
    const held = interactiveElements(block).flatMap((element) => {
      const actionId = String(element['action_id']);
      const value = inputValue(element, typedIn(view, blockId, actionId));
      return value === undefined ? [] : [[actionId, value] as const];
    });
    return held.length === 0 ? [] : [[blockId, Object.fromEntries(held)] as const];
  });
  return Object.fromEntries(values);
}
