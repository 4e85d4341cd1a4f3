import { interactiveElements } from '../blocks/check-blocks.ts';
import { type JsonObject, objectsAt, textAt } from '../json.ts';
import type { Message } from '../message-store.ts';

export interface Choice {
  readonly actionId: string;
  readonly blockId?: string | undefined;
  /** The option of a menu, or what was typed; for a button the value that it must have. */
  readonly value?: string | undefined;
  /** Also look in renderings that were replaced since, as a slow client would. */
  readonly stale?: boolean | undefined;
}

export type Chosen =
  | {
      readonly ok: true;
      readonly action: JsonObject;
      readonly blocks: readonly JsonObject[];
      readonly block: JsonObject;
      readonly element: JsonObject;
    }
  | { readonly ok: false; readonly error: 'no_such_action' | 'no_such_option' };

/** What an act on an element of these blocks sends as `actions[0]`. */
export function chosenIn(blocks: readonly JsonObject[], choice: Choice, actionTs: string): Chosen {
  let error: 'no_such_action' | 'no_such_option' = 'no_such_action';
  for (const block of blocks) {
    if (choice.blockId !== undefined && block['block_id'] !== choice.blockId) continue;
    for (const element of interactiveElements(block)) {
      if (element['action_id'] !== choice.actionId) continue;
      const act = actOn(element, choice.value);
      if (act !== undefined) {
        const action = { ...act, block_id: block['block_id'], action_ts: actionTs };
        return { ok: true, blocks, block, element, action };
      }
      if (element['type'] !== 'button') error = 'no_such_option';
    }
  }
  return { ok: false, error };
}

/** What a click on an element of a message sends as `actions[0]`, and the rendering that was clicked. */
export function chosenAction(message: Message, choice: Choice, actionTs: string): Chosen {
  const renderings = choice.stale === true ? [message.blocks, ...message.earlierBlocks] : [message.blocks];
  const tried = renderings.map((blocks) => chosenIn(blocks, choice, actionTs));
  return tried.find((each) => each.ok) ?? tried.find((each) => !each.ok && each.error === 'no_such_option') ?? nothing;
}

const nothing: Chosen = { ok: false, error: 'no_such_action' };

/** What an input holds: what was typed, null for nothing. Undefined for what holds nothing. */
export function inputValue(element: JsonObject, typed: string | undefined): JsonObject | undefined {
  if (element['type'] !== 'plain_text_input') return undefined;
  const value = typed ?? textAt(element, 'initial_value') ?? '';
  return { type: 'plain_text_input', value: value === '' ? null : value };
}

function actOn(element: JsonObject, value: string | undefined): JsonObject | undefined {
  if (element['type'] === 'button') {
    if (value !== undefined && element['value'] !== value) return undefined;
    const { accessibility_label: _unsent, ...button } = element;
    return button;
  }
  if (element['type'] === 'overflow' || element['type'] === 'static_select') {
    const option = objectsAt(element, 'options').find((each) => each['value'] === value);
    if (option === undefined) return undefined;
    const { options: _options, ...menu } = element;
    return { ...menu, selected_option: { text: option['text'], value } };
  }
  return { type: element['type'], action_id: element['action_id'], ...inputValue(element, value ?? '') };
}
