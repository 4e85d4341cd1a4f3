import { interactiveElements } from './blocks/check-blocks.ts';
import { chosenValue, initialValue, optionsOf } from './element-values.ts';
import type { JsonObject } from './json.ts';
import type { Message } from './message-store.ts';

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
      /** What the element holds from now on; undefined for one that holds nothing. */
      readonly held: JsonObject | undefined;
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
        const action = { ...act.action, block_id: block['block_id'], action_ts: actionTs };
        return { ok: true, blocks, block, element, held: act.held, action };
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

/** The `state` of an interaction: what every element shows, by block and action; `held` knows what people changed. */
export function stateOf(
  blocks: readonly JsonObject[],
  held: (blockId: string, actionId: string) => JsonObject | undefined,
): JsonObject {
  const values = blocks.flatMap((block) => {
    const blockId = String(block['block_id']);
    const entries = interactiveElements(block).flatMap((element) => {
      const actionId = String(element['action_id']);
      const entry = held(blockId, actionId) ?? initialValue(element);
      return entry === undefined ? [] : [[actionId, entry] as const];
    });
    return entries.length === 0 ? [] : [[blockId, Object.fromEntries(entries)] as const];
  });
  return { values: Object.fromEntries(values) };
}

function actOn(
  element: JsonObject,
  value: string | undefined,
): { action: JsonObject; held: JsonObject | undefined } | undefined {
  if (element['type'] === 'button') {
    if (value !== undefined && element['value'] !== value) return undefined;
    const { accessibility_label: _unsent, ...button } = element;
    return { action: button, held: undefined };
  }
  if (element['type'] === 'overflow') {
    const option = optionsOf(element).find((each) => each['value'] === value);
    if (option === undefined) return undefined;
    const { options: _options, ...menu } = element;
    return { action: { ...menu, selected_option: { text: option['text'], value } }, held: undefined };
  }
  const held = value === undefined ? undefined : chosenValue(element, value);
  if (held === undefined) return undefined;
  const { action_id, type, placeholder, confirm, initial_option, initial_date, initial_user } = element;
  const told = { placeholder, confirm, initial_option, initial_date, initial_user };
  const kept = Object.fromEntries(Object.entries(told).filter(([, item]) => item !== undefined));
  return { action: { type, action_id, ...kept, ...held }, held };
}
