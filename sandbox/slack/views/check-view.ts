import { problem, shape, text } from '../blocks/block-schema.ts';
import { plainText, viewBlocks } from '../blocks/block-types.ts';
import { repeatedIds } from '../blocks/check-blocks.ts';
import { isObject, type JsonObject, objectsAt, textAt } from '../json.ts';
import { Refusal } from '../refusal.ts';

/** A checked modal, in the words of the simulator. */
export interface ViewContent {
  readonly title: JsonObject | undefined;
  readonly submit: JsonObject | undefined;
  readonly close: JsonObject | undefined;
  readonly blocks: readonly JsonObject[];
  readonly callbackId: string;
  readonly privateMetadata: string;
}

const largestView = 250 * 1024;

const modal = shape({
  required: { title: plainText(24), blocks: viewBlocks },
  optional: {
    private_metadata: text(3000, 0),
    callback_id: text(255, 0),
    submit: plainText(24),
    close: plainText(24),
  },
});

/**
 * Checks a modal against every published limit. Throws a Refusal: `invalid_arguments` with one JSON pointer a problem,
 * `view_too_large`.
 */
export function checkView(value: unknown): ViewContent {
  if (!isObject(value)) refuse([problem('must provide an object', '/view')]);
  if (JSON.stringify(value).length > largestView) throw new Refusal('view_too_large');
  if (value['type'] !== 'modal') refuse([problem('must be a valid enum value: modal', '/view/type')]);
  const problems = modal(value, '/view');
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
