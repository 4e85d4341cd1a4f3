/**
 * Block Kit as far as messages use it, with the limits that Slack publishes (docs.slack.dev/reference/block-kit).
 * A type that is not here is refused as `unsupported type`, and so are properties that a block does not have.
 */
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
import { isObject } from './json.ts';

const identifier = text(255);
const plainText = (max: number): Rule =>
  byType({ plain_text: shape({ required: { text: text(max) }, optional: { emoji: flag } }) });
const markedText = (max: number): Rule => shape({ required: { text: text(max) }, optional: { verbatim: flag } });
const anyText = (max: number): Rule =>
  byType({
    plain_text: shape({ required: { text: text(max) }, optional: { emoji: flag } }),
    mrkdwn: markedText(max),
  });

const confirm = shape({
  required: { title: plainText(100), text: anyText(300), confirm: plainText(30), deny: plainText(30) },
  optional: { style: oneOf('primary', 'danger') },
});

const option = shape({
  required: { text: anyText(75), value: text(150) },
  optional: { description: anyText(75), url: url(3000) },
});

const button = shape({
  required: { text: plainText(75) },
  optional: {
    action_id: identifier,
    url: url(3000),
    value: text(2000),
    style: oneOf('primary', 'danger'),
    confirm,
    accessibility_label: text(75),
  },
});

const overflow = shape({ required: { options: list(option, 5) }, optional: { action_id: identifier, confirm } });

const optionGroup = shape({ required: { label: plainText(75), options: list(option, 100) } });

const optionsOrGroups: Rule = (value, path) =>
  isObject(value) && (value['options'] === undefined) === (value['option_groups'] === undefined)
    ? [problem('must define exactly one of: options, option_groups', path)]
    : [];

const staticSelect = both(
  shape({
    optional: {
      options: list(option, 100),
      option_groups: list(optionGroup, 100),
      placeholder: plainText(150),
      initial_option: option,
      action_id: identifier,
      confirm,
      focus_on_load: flag,
    },
  }),
  optionsOrGroups,
);

const imageElement = shape({ required: { image_url: url(3000), alt_text: text(2000) } });

const textOrFields: Rule = (value, path) =>
  isObject(value) && value['text'] === undefined && value['fields'] === undefined
    ? [problem('missing required field: text', path)]
    : [];

const section = both(
  shape({
    optional: {
      block_id: identifier,
      text: asUnion(anyText(3000)),
      fields: list(asUnion(anyText(2000)), 10),
      accessory: byType({ button, overflow, static_select: staticSelect, image: imageElement }),
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

const block_id = identifier;
const blocks: Readonly<Record<string, Rule>> = {
  section,
  actions: shape({
    required: { elements: list(byType({ button, overflow, static_select: staticSelect }), 25) },
    optional: { block_id },
  }),
  context: shape({
    required: {
      elements: list(
        byType({
          image: imageElement,
          mrkdwn: markedText(3000),
          plain_text: plainText(3000),
        }),
        10,
      ),
    },
    optional: { block_id },
  }),
  divider: shape({ optional: { block_id } }),
  header: shape({ required: { text: plainText(150) }, optional: { block_id } }),
  image: shape({
    required: { image_url: url(3000), alt_text: text(2000) },
    optional: { title: plainText(2000), block_id },
  }),
  rich_text: richText,
  markdown: shape({ required: { text: text(12_000) }, optional: { block_id } }),
  table: shape({
    required: { rows: list(list(tableCell, 20), 100) },
    optional: { column_settings: list(column, 20), block_id },
  }),
};

/** The block types that messages may contain here. */
export const coveredBlocks: readonly string[] = Object.keys(blocks);

/** The whole `blocks` argument. */
export const messageBlocks: Rule = list(byType(blocks), 50, 0);
