/**
 * Block Kit as far as messages and views use it, with the limits that Slack publishes
 * (docs.slack.dev/reference/block-kit). A type that is not here is refused as `unsupported type`, and so are properties
 * that a block does not have.
 */
import {
  accessories,
  actionElements,
  anyText,
  identifier,
  image,
  inputElements,
  markedText,
  plainText,
} from './block-elements.ts';
import {
  asUnion,
  both,
  byType,
  flag,
  list,
  number,
  oneOf,
  problem,
  type Rule,
  shape,
  text,
  url,
} from './block-schema.ts';
import { isObject } from '../json.ts';

const textOrFields: Rule = (value, path) =>
  isObject(value) && value['text'] === undefined && value['fields'] === undefined
    ? [problem('missing required field: text', path)]
    : [];

const block_id = identifier;

const section = both(
  shape({
    optional: {
      block_id,
      text: asUnion(anyText(3000)),
      fields: list(asUnion(anyText(2000)), 10),
      accessory: byType(accessories),
      expand: flag,
    },
  }),
  textOrFields,
);

const textStyle = shape({ optional: { bold: flag, italic: flag, strike: flag, code: flag, underline: flag } });
const optional = { style: textStyle };
const richTextElement = byType({
  text: shape({ required: { text: text(3000) }, optional }),
  link: shape({ required: { url: url(3000) }, optional: { ...optional, text: text(3000), unsafe: flag } }),
  emoji: shape({ required: { name: text(100) }, optional: { unicode: text(100), skin_tone: number } }),
  user: shape({ required: { user_id: identifier }, optional }),
  usergroup: shape({ required: { usergroup_id: identifier }, optional }),
  channel: shape({ required: { channel_id: identifier }, optional }),
  date: shape({
    required: { timestamp: number, format: text(255) },
    optional: { url: url(3000), fallback: text(255) },
  }),
});
const richTextSection = shape({ required: { elements: list(richTextElement, 1000, 0) } });
const richTextBlocks = {
  rich_text_section: richTextSection,
  rich_text_preformatted: shape({
    required: { elements: list(richTextElement, 1000) },
    optional: { border: number, language: text(100) },
  }),
  rich_text_quote: shape({ required: { elements: list(richTextElement, 1000) }, optional: { border: number } }),
  rich_text_list: shape({
    required: {
      style: oneOf('bullet', 'ordered'),
      elements: list(byType({ rich_text_section: richTextSection }), 1000),
    },
    optional: { indent: number, offset: number, border: number },
  }),
};
const richText = shape({
  required: { elements: list(byType(richTextBlocks), 100) },
  optional: { block_id: identifier },
});

const tableCell = byType({
  raw_text: shape({ required: { text: text(10_000) } }),
  raw_number: shape({ required: { value: number }, optional: { text: text(100) } }),
  rich_text: richText,
});
const column = shape({ optional: { align: oneOf('left', 'center', 'right'), is_wrapped: flag } });

const contextElement = byType({ image: image(), mrkdwn: markedText(3000), plain_text: plainText(3000) });

const everywhere: Readonly<Record<string, Rule>> = {
  section,
  actions: shape({ required: { elements: list(byType(actionElements), 25) }, optional: { block_id } }),
  context: shape({ required: { elements: list(contextElement, 10) }, optional: { block_id } }),
  divider: shape({ optional: { block_id } }),
  header: shape({ required: { text: plainText(150) }, optional: { block_id } }),
  image: image({ title: plainText(2000), block_id }),
  rich_text: richText,
};

const inMessages: Readonly<Record<string, Rule>> = {
  ...everywhere,
  markdown: shape({ required: { text: text(12_000) }, optional: { block_id } }),
  table: shape({
    required: { rows: list(list(tableCell, 20), 100) },
    optional: { column_settings: list(column, 20), block_id },
  }),
};

const inViews: Readonly<Record<string, Rule>> = {
  ...everywhere,
  input: shape({
    required: { label: plainText(2000), element: byType(inputElements) },
    optional: { hint: plainText(2000), optional: flag, dispatch_action: flag, block_id },
  }),
};

/** The block types that messages may contain here. */
export const coveredBlocks: readonly string[] = Object.keys(inMessages);

/** The block types that modals and Home tabs may contain here. */
export const coveredViewBlocks: readonly string[] = Object.keys(inViews);

/** The whole `blocks` argument. */
export const messageBlocks: Rule = list(byType(inMessages), 50, 0);

/** The `blocks` of a modal or a Home tab. */
export const viewBlocks: Rule = list(byType(inViews), 100, 0);
