import { problem } from './block-schema.ts';
import { messageBlocks } from './block-types.ts';
import type { StoredFile } from '../file-store.ts';
import { isObject, type JsonObject, objectsAt, textAt } from '../json.ts';
import { Refusal } from '../refusal.ts';

/** NOTE: Slack publishes no total; messages were refused well below 50 x 3 000, and 9 000 was always accepted. */
const longestTotal = 9_000;
/** Of all tables of a message together. */
const longestTables = 10_000;

/** The file of this id; undefined when there is none. */
export type FindFile = (id: string) => StoredFile | undefined;

/**
 * Checks a message's blocks against every published limit. Throws a Refusal: `invalid_blocks_format` when they are not
 * a list of objects, `invalid_blocks` with one JSON pointer a problem, `msg_blocks_too_long`.
 */
export function checkBlocks(value: unknown, findFile: FindFile): readonly JsonObject[] {
  if (!Array.isArray(value) || !value.every(isObject)) throw new Refusal('invalid_blocks_format');
  const problems = messageBlocks(value, '/blocks');
  if (problems.length > 0) throw Refusal.because('invalid_blocks', problems);
  const together = [...repeatedIds(value, '/blocks'), ...tooManyTables(value), ...wrongFiles(value, findFile)];
  if (together.length > 0) throw Refusal.because('invalid_blocks', together);
  const total = value.filter((block) => block['type'] !== 'table').reduce((sum, block) => sum + textLength(block), 0);
  if (total > longestTotal) throw new Refusal('msg_blocks_too_long');
  return value;
}

/** The elements of a block that a person can act on, wherever they stand in it. */
export function interactiveElements(block: JsonObject): readonly JsonObject[] {
  const alone = block['type'] === 'input' ? block['element'] : block['accessory'];
  return block['type'] === 'actions' ? objectsAt(block, 'elements') : isObject(alone) ? [alone] : [];
}

/** Blocks as Slack stores them: with a `block_id` each, an `action_id` for each element, defaults of texts filled in. */
export function storedBlocks(blocks: readonly JsonObject[], newId: () => string): readonly JsonObject[] {
  return blocks.map((block) => {
    const filled = withTextDefaults(block);
    const withAction = (element: JsonObject): JsonObject => ({
      ...element,
      action_id: textAt(element, 'action_id') ?? newId(),
    });
    return {
      ...filled,
      block_id: textAt(block, 'block_id') ?? newId(),
      ...(block['type'] === 'actions' ? { elements: objectsAt(filled, 'elements').map(withAction) } : {}),
      ...(isObject(filled['accessory']) ? { accessory: withAction(filled['accessory']) } : {}),
      ...(isObject(filled['element']) ? { element: withAction(filled['element']) } : {}),
    };
  });
}

function withTextDefaults(value: JsonObject): JsonObject {
  const defaults: JsonObject =
    value['type'] === 'plain_text' ? { emoji: true } : value['type'] === 'mrkdwn' ? { verbatim: false } : {};
  const filled = Object.entries(value).map(([key, item]) => [key, fillItem(item)] as const);
  return { ...defaults, ...Object.fromEntries(filled) };
}

function fillItem(item: unknown): unknown {
  if (Array.isArray(item)) return item.map(fillItem);
  return isObject(item) ? withTextDefaults(item) : item;
}

/** Every id of a block once, and every id of an action once within its block. */
export function repeatedIds(blocks: readonly JsonObject[], path: string): readonly string[] {
  const blockIds = new Set<string>();
  return blocks.flatMap((block, index) => {
    const blockId = textAt(block, 'block_id');
    const repeated = blockId !== undefined && blockIds.has(blockId);
    if (blockId !== undefined) blockIds.add(blockId);
    const actionIds = new Set<string>();
    const actions = interactiveElements(block).flatMap((element, position) => {
      const actionId = textAt(element, 'action_id');
      if (actionId === undefined || !actionIds.has(actionId)) {
        if (actionId !== undefined) actionIds.add(actionId);
        return [];
      }
      return [problem(`\`action_id\` "${actionId}" already exists`, `${path}/${index}/elements/${position}/action_id`)];
    });
    return repeated
      ? [problem(`\`block_id\` "${blockId}" already exists`, `${path}/${index}/block_id`), ...actions]
      : actions;
  });
}

/**
 * Pictures of files that are not there, are no picture, or were uploaded so lately that Slack has not looked at them yet
 * (slackapi/python-slack-sdk#1797).
 */
function wrongFiles(blocks: readonly JsonObject[], findFile: FindFile): readonly string[] {
  return blocks.flatMap(({ slack_file: named }, index) =>
    !isObject(named) || findFile(textAt(named, 'id') ?? '')?.kind?.shownAs === 'image'
      ? []
      : [problem('invalid slack file', `/blocks/${index}/slack_file`)],
  );
}

function tooManyTables(blocks: readonly JsonObject[]): readonly string[] {
  const tables = blocks.flatMap((block, index) => (block['type'] === 'table' ? [{ block, index }] : []));
  const tooLong = tables.reduce((sum, { block }) => sum + textLength(block), 0) > longestTables;
  return [
    ...tables.slice(1).map(({ index }) => problem('only_one_table_allowed', `/blocks/${index}`)),
    ...(tooLong ? [problem(`must be less than ${longestTables + 1} characters together`, '/blocks')] : []),
  ];
}

/** Characters of all `text` strings in it. */
function textLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + textLength(item), 0);
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [key, item]) => sum + (key === 'text' && typeof item === 'string' ? item.length : textLength(item)),
    0,
  );
}
