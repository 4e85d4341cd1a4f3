/**
 * What an element of Block Kit holds: its entry in `state.values`, at first and after somebody chose or typed. Slack
 * gives `null` for "nothing chosen" and an empty list for "no box ticked".
 */
import { isObject, type JsonObject, objectsAt, textAt } from './json.ts';

/** The entry before anybody touched it; undefined for an element that holds nothing (a button, an overflow menu). */
export function initialValue(element: JsonObject): JsonObject | undefined {
  const type = textAt(element, 'type') ?? '';
  switch (type) {
    case 'plain_text_input':
    case 'number_input':
      return { type, value: textAt(element, 'initial_value') ?? null };
    case 'static_select':
    case 'radio_buttons':
      return { type, selected_option: element['initial_option'] ?? null };
    case 'checkboxes':
      return { type, selected_options: objectsAt(element, 'initial_options') };
    case 'users_select':
      return { type, selected_user: textAt(element, 'initial_user') ?? null };
    case 'datepicker':
      return { type, selected_date: textAt(element, 'initial_date') ?? null };
    default:
      return undefined;
  }
}

/**
 * The entry after a person's choice: an option's value, several of them with commas for boxes, a user's id, a day, or
 * what was typed; '' takes it back. Undefined when there is no such option.
 */
export function chosenValue(element: JsonObject, wanted: string): JsonObject | undefined {
  const type = textAt(element, 'type') ?? '';
  const option = (value: string): JsonObject | undefined => optionsOf(element).find((each) => each['value'] === value);
  const cleared = wanted === '';
  switch (type) {
    case 'plain_text_input':
    case 'number_input':
      return { type, value: cleared ? null : wanted };
    case 'static_select':
    case 'radio_buttons': {
      if (cleared) return { type, selected_option: null };
      const found = option(wanted);
      return found === undefined ? undefined : { type, selected_option: selected(found) };
    }
    case 'checkboxes': {
      const found = cleared ? [] : wanted.split(',').map(option);
      const known = found.filter((each) => each !== undefined);
      return known.length < found.length ? undefined : { type, selected_options: known.map(selected) };
    }
    case 'users_select':
      return { type, selected_user: cleared ? null : wanted };
    case 'datepicker':
      return { type, selected_date: cleared ? null : wanted };
    default:
      return undefined;
  }
}

export function optionsOf(element: JsonObject): readonly JsonObject[] {
  return [element, ...objectsAt(element, 'option_groups')].flatMap((group) => objectsAt(group, 'options'));
}

/** What Slack's own client says of a value that it does not send, in a sentence; undefined when it sends it. */
export function inputProblem(block: JsonObject, held: JsonObject): string | undefined {
  const { element } = block;
  if (!isObject(element)) return undefined;
  const { type: _type, ...parts } = held;
  const content = Object.values(parts)[0] ?? null;
  const empty = content === null || content === '' || (Array.isArray(content) && content.length === 0);
  if (empty) return block['optional'] === true ? undefined : 'Please complete this required field.';
  if (typeof content !== 'string') return undefined;
  return element['type'] === 'number_input' ? numberProblem(element, content) : lengthProblem(element, content);
}

function lengthProblem(element: JsonObject, content: string): string | undefined {
  const least = element['min_length'];
  const most = element['max_length'];
  if (typeof least === 'number' && content.length < least) return `Please enter at least ${least} characters.`;
  if (typeof most === 'number' && content.length > most) return `Please enter at most ${most} characters.`;
  return undefined;
}

function numberProblem(element: JsonObject, content: string): string | undefined {
  if (!/^-?\d+(?:\.\d+)?$/.test(content)) return 'Please enter a valid number.';
  if (element['is_decimal_allowed'] !== true && content.includes('.')) return 'Please enter a whole number.';
  const least = textAt(element, 'min_value');
  const most = textAt(element, 'max_value');
  if (least !== undefined && Number(content) < Number(least)) return `Please enter a number of at least ${least}.`;
  if (most !== undefined && Number(content) > Number(most)) return `Please enter a number of at most ${most}.`;
  return undefined;
}

function selected(option: JsonObject): JsonObject {
  const { description: _description, url: _url, ...rest } = option;
  return rest;
}
