/**
 * As much of Block Kit as the bot sends, with the limits that Slack publishes (docs.slack.dev/reference/block-kit). A type
 * that is not here is refused as `unsupported type`, and so are properties that a block does not have.
 */
import { isObject } from '../json.ts';
import { asUnion, both, byType, flag, list, oneOf, problem, type Rule, shape, text, url } from './block-schema.ts';

const identifier = text(255);
const block_id = identifier;

export const plainText = (max: number): Rule =>
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

const option = shape({ required: { text: anyText(75), value: text(150) } });
const overflow = shape({ required: { options: list(option, 5) }, optional: { action_id: identifier, confirm } });

const staticSelect = shape({
  required: { options: list(option, 100) },
  optional: { action_id: identifier, placeholder: plainText(150), confirm },
});

const plainTextInput = shape({
  optional: {
    action_id: identifier,
    focus_on_load: flag,
    placeholder: plainText(150),
    initial_value: text(3000, 0),
    max_length: (value, path) =>
      typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 3000
        ? []
        : [problem('must be a whole number from 1 to 3000', path)],
    dispatch_action_config: shape({
      optional: { trigger_actions_on: list(oneOf('on_enter_pressed', 'on_character_entered'), 2) },
    }),
  },
});

const textOrFields: Rule = (value, path) =>
  isObject(value) && value['text'] === undefined && value['fields'] === undefined
    ? [problem('missing required field: text', path)]
    : [];

const section = both(
  shape({
    optional: {
      block_id,
      text: asUnion(anyText(3000)),
      fields: list(asUnion(anyText(2000)), 10),
      accessory: byType({ button, overflow, static_select: staticSelect }),
    },
  }),
  textOrFields,
);

const preformatted = shape({
  required: { elements: list(byType({ text: shape({ required: { text: text(3000) } }) }), 1000) },
});

const everywhere: Readonly<Record<string, Rule>> = {
  section,
  context: shape({ required: { elements: list(byType({ mrkdwn: markedText(3000) }), 10) }, optional: { block_id } }),
};

const cell = byType({
  raw_text: shape({ required: { text: text(10_000) } }),
  rich_text: shape({
    required: {
      elements: list(
        byType({
          rich_text_section: shape({
            required: {
              elements: list(
                byType({
                  text: shape({ required: { text: text(3000) } }),
                  link: shape({ required: { url: url(3000) }, optional: { text: text(3000) } }),
                }),
                100,
              ),
            },
          }),
        }),
        1,
      ),
    },
  }),
});

const column = shape({ optional: { align: oneOf('left', 'center', 'right'), is_wrapped: flag } });

const actions = shape({ required: { elements: list(byType({ button }), 25) }, optional: { block_id } });

const inMessages: Readonly<Record<string, Rule>> = {
  ...everywhere,
  actions,
  // NOTE: which file it names is checked by the caller, who knows the files.
  image: shape({
    required: { alt_text: text(2000), slack_file: shape({ required: { id: identifier } }) },
    optional: { block_id },
  }),
  rich_text: shape({
    required: { elements: list(byType({ rich_text_preformatted: preformatted }), 100) },
    optional: { block_id },
  }),
  table: shape({
    required: { rows: list(list(cell, 20), 100) },
    optional: { column_settings: list(column, 20), block_id },
  }),
};

const inViews: Readonly<Record<string, Rule>> = {
  ...everywhere,
  input: shape({
    required: { label: plainText(2000), element: byType({ plain_text_input: plainTextInput }) },
    optional: { hint: plainText(2000), optional: flag, dispatch_action: flag, block_id },
  }),
};

const inHomes: Readonly<Record<string, Rule>> = {
  ...everywhere,
  actions,
  header: shape({ required: { text: plainText(150) }, optional: { block_id } }),
  divider: shape({ optional: { block_id } }),
};

/** The block types that messages may contain here. */
export const coveredBlocks: readonly string[] = Object.keys(inMessages);

/** The block types that modals may contain here. */
export const coveredViewBlocks: readonly string[] = Object.keys(inViews);

/** The block types that a Home tab may contain here. */
export const coveredHomeBlocks: readonly string[] = Object.keys(inHomes);

/** The whole `blocks` argument. */
export const messageBlocks: Rule = list(byType(inMessages), 50, 0);

/** The `blocks` of a modal. */
export const viewBlocks: Rule = list(byType(inViews), 100, 0);

/** The `blocks` of a Home tab. */
export const homeBlocks: Rule = list(byType(inHomes), 100, 0);
