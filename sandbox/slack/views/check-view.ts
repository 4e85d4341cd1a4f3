import { problem, type Rule, shape, text } from '../blocks/block-schema.ts';
import { homeBlocks, plainText, viewBlocks } from '../blocks/block-types.ts';
import { repeatedIds } from '../blocks/check-blocks.ts';
import { isObject, type JsonObject, objectsAt, textAt } from '../json.ts';
import { Refusal } from '../refusal.ts';

/** A checked modal or Home tab, in the words of the simulator. */
export interface ViewContent {
  readonly type: ViewType;
  readonly title: JsonObject | undefined;
  readonly submit: JsonObject | undefined;
  readonly close: JsonObject | undefined;
  readonly blocks: readonly JsonObject[];
  readonly callbackId: string;
  readonly privateMetadata: string;
}

const largestView = 250 * 1024;

export type ViewType = 'modal' | 'home';

const modal = shape({
  required: { title: plainText(24), blocks: viewBlocks },
  optional: {
    private_metadata: text(3000, 0),
    callback_id: text(255, 0),
    submit: plainText(24),
    close: plainText(24),
  },
});

const home = shape({
  required: { blocks: homeBlocks },
  optional: { private_metadata: text(3000, 0), callback_id: text(255, 0) },
});

const rules: Readonly<Record<ViewType, Rule>> = { modal, home };

/**
 * Checks a view of this type against every published limit. Throws a Refusal: `invalid_arguments` with one JSON pointer a
 * problem, `view_too_large`.
 */
export function checkView(value: unknown, type: ViewType): ViewContent {
  if (!isObject(value)) refuse([problem('must provide an object', '/view')]);
  if (JSON.stringify(value).length > largestView) throw new Refusal('view_too_large');
  if (value['type'] !== type) refuse([problem(`must be a valid enum value: ${type}`, '/view/type')]);
  const problems = rules[type](value, '/view');
  if (problems.length > 0) refuse(problems);
  const blocks = objectsAt(value, 'blocks');
  const together = [
    ...repeatedIds(blocks, '/view/blocks'),
    ...(value['submit'] === undefined && blocks.some((block) => block['type'] === 'input')
      ? [problem('missing required field: submit', '/view')]
      : []),
  ];
  if (together.length > 0) refuse(together);
  return {
    type,
    title: objectAt(value, 'title'),
    submit: objectAt(value, 'submit'),
    close: objectAt(value, 'close'),
    blocks,
    callbackId: textAt(value, 'callback_id') ?? '',
    privateMetadata: textAt(value, 'private_metadata') ?? '',
  };
}

function refuse(problems: readonly string[]): never {
  throw Refusal.because('invalid_arguments', [problem('failed to match all allowed schemas', '/view'), ...problems]);
}

function objectAt(value: JsonObject, key: string): JsonObject | undefined {
  const item = value[key];
  return isObject(item) ? { emoji: true, ...item } : undefined;
}
