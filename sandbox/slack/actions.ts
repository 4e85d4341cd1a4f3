import { interactiveElements } from './check-blocks.ts';
import { isObject, type JsonObject, objectsAt, textAt } from './json.ts';
import type { Message } from './message-store.ts';

export interface Choice {
  readonly actionId: string;
  readonly blockId?: string | undefined;
  /** The option of a menu; for a button the value that it must have. */
  readonly value?: string | undefined;
  /** Also look in renderings that were replaced since, as a slow client would. */
  readonly stale?: boolean | undefined;
}

export type Chosen =
  | { readonly ok: true; readonly action: JsonObject; readonly blocks: readonly JsonObject[] }
  | { readonly ok: false; readonly error: 'no_such_action' | 'no_such_option' };

/** What a click on an element of a message sends as `actions[0]`, and the rendering that was clicked. */
export function chosenAction(message: Message, choice: Choice, actionTs: string): Chosen {
  const renderings = choice.stale === true ? [message.blocks, ...message.earlierBlocks] : [message.blocks];
  let error: 'no_such_action' | 'no_such_option' = 'no_such_action';
  for (const blocks of renderings) {
    for (const block of blocks) {
      if (choice.blockId !== undefined && block['block_id'] !== choice.blockId) continue;
      for (const element of interactiveElements(block)) {
        if (element['action_id'] !== choice.actionId) continue;
        const action = actionOf(element, choice.value);
        if (action !== undefined) {
          return { ok: true, blocks, action: { ...action, block_id: block['block_id'], action_ts: actionTs } };
        }
        if (element['type'] !== 'button') error = 'no_such_option';
      }
    }
  }
  return { ok: false, error };
}

/** The `state` of an interaction: what every menu of the rendering shows, after this action. */
export function stateOf(blocks: readonly JsonObject[], action: JsonObject): JsonObject {
  const values = blocks.flatMap((block) => {
    const menus = interactiveElements(block).filter((element) => element['type'] === 'static_select');
    if (menus.length === 0) return [];
    const entries = menus.map((menu) => {
      const acted = menu['action_id'] === action['action_id'] && block['block_id'] === action['block_id'];
      const selected = acted ? action['selected_option'] : (menu['initial_option'] ?? null);
      return [String(menu['action_id']), { type: 'static_select', selected_option: selected }] as const;
    });
    return [[String(block['block_id']), Object.fromEntries(entries)] as const];
  });
  return { values: Object.fromEntries(values) };
}

function actionOf(element: JsonObject, value: string | undefined): JsonObject | undefined {
  if (element['type'] === 'button') {
    if (value !== undefined && element['value'] !== value) return undefined;
    const { accessibility_label: _unsent, ...button } = element;
    return button;
  }
  const groups = [element, ...objectsAt(element, 'option_groups')];
  const option = groups
    .flatMap((group) => objectsAt(group, 'options'))
    .find((candidate) => candidate['value'] === value);
  if (option === undefined || !isObject(option['text'])) return undefined;
  const selected = { text: option['text'], value: textAt(option, 'value') };
  const { options: _options, option_groups: _groups, focus_on_load: _focus, ...menu } = element;
  return { ...menu, selected_option: selected };
}
