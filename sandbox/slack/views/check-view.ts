import { identifier, plainText } from '../blocks/block-elements.ts';
import { flag, problem, type Rule, shape, text } from '../blocks/block-schema.ts';
import { viewBlocks } from '../blocks/block-types.ts';
import { type FindFile, interactiveElements, repeatedIds, wrongFiles } from '../blocks/check-blocks.ts';
import { isObject, type JsonObject, objectsAt, textAt } from '../json.ts';
import { Refusal } from '../refusal.ts';

/** A checked view, in the words of the simulator. */
export interface ViewContent {
  readonly type: 'modal' | 'home';
  readonly title: JsonObject | undefined;
  readonly submit: JsonObject | undefined;
  readonly close: JsonObject | undefined;
  readonly blocks: readonly JsonObject[];
  readonly callbackId: string;
  readonly privateMetadata: string;
  readonly externalId: string | undefined;
  readonly clearOnClose: boolean;
  readonly notifyOnClose: boolean;
}

const largestView = 250 * 1024;

const common = { private_metadata: text(3000, 0), callback_id: text(255, 0), external_id: identifier };

const views: Readonly<Record<'modal' | 'home', Rule>> = {
  modal: shape({
    required: { title: plainText(24), blocks: viewBlocks },
    optional: {
      ...common,
      submit: plainText(24),
      close: plainText(24),
      clear_on_close: flag,
      notify_on_close: flag,
    },
  }),
  home: shape({ required: { blocks: viewBlocks }, optional: common }),
};

/**
 * Checks a modal or a Home tab against every published limit. Throws a Refusal: `invalid_arguments` with one JSON pointer
 * a problem, `view_too_large`.
 */
export function checkView(value: unknown, type: 'modal' | 'home', findFile: FindFile): ViewContent {
  if (!isObject(value)) refuse([problem('must provide an object', '/view')]);
  if (JSON.stringify(value).length > largestView) throw new Refusal('view_too_large');
  if (value['type'] !== type) refuse([problem(`must be a valid enum value: ${type}`, '/view/type')]);
  const problems = views[type](value, '/view');
  if (problems.length > 0) refuse(problems);
  const blocks = objectsAt(value, 'blocks');
  const together = [
    ...repeatedIds(blocks, '/view/blocks'),
    ...wrongFiles(blocks, '/view/blocks', findFile),
    ...secondFocus(blocks),
    ...(type === 'modal' && value['submit'] === undefined && blocks.some((block) => block['type'] === 'input')
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
    externalId: textAt(value, 'external_id'),
    clearOnClose: value['clear_on_close'] === true,
    notifyOnClose: value['notify_on_close'] === true,
  };
}

function refuse(problems: readonly string[]): never {
  throw Refusal.because('invalid_arguments', [problem('failed to match all allowed schemas', '/view'), ...problems]);
}

function objectAt(value: JsonObject, key: string): JsonObject | undefined {
  const item = value[key];
  return isObject(item) ? { emoji: true, ...item } : undefined;
}

function secondFocus(blocks: readonly JsonObject[]): readonly string[] {
  const focused = blocks.flatMap((block, index) =>
    interactiveElements(block).some((element) => element['focus_on_load'] === true) ? [index] : [],
  );
  return focused.slice(1).map((index) => problem('only one element may have focus_on_load', `/view/blocks/${index}`));
}
