/** The shapes of the Block Kit parts that the bot sends. A block that doesn't fit falls back visibly. */
import * as z from 'zod/mini';

const textObject = z.looseObject({
  type: z.enum(['mrkdwn', 'plain_text']),
  text: z.string(),
  verbatim: z.optional(z.boolean()),
});
const plain = z.looseObject({ type: z.literal('plain_text'), text: z.string() });

const confirmShape = z.looseObject({
  title: textObject,
  text: textObject,
  confirm: textObject,
  deny: textObject,
  style: z.optional(z.enum(['primary', 'danger'])),
});
const option = z.looseObject({ text: textObject, value: z._default(z.string(), '') });

const buttonShape = z.looseObject({
  type: z.literal('button'),
  text: plain,
  action_id: z._default(z.string(), ''),
  value: z.optional(z.string()),
  url: z.optional(z.string()),
  style: z.optional(z.enum(['primary', 'danger'])),
  confirm: z.optional(confirmShape),
  accessibility_label: z.optional(z.string()),
});
const overflowShape = z.looseObject({
  type: z.literal('overflow'),
  action_id: z._default(z.string(), ''),
  options: z.array(option),
  confirm: z.optional(confirmShape),
});
const selectShape = z.looseObject({
  type: z.literal('static_select'),
  action_id: z._default(z.string(), ''),
  placeholder: z.optional(plain),
  options: z.array(option),
  confirm: z.optional(confirmShape),
});
export const elementShape = z.discriminatedUnion('type', [buttonShape, overflowShape, selectShape]);
const anyElement = z.looseObject({ type: z.string() });

const inputShape = z.looseObject({
  type: z.literal('plain_text_input'),
  action_id: z._default(z.string(), ''),
  placeholder: z.optional(plain),
  dispatch_action_config: z.optional(
    z.looseObject({ trigger_actions_on: z._default(z.array(z.string()), ['on_enter_pressed']) }),
  ),
});

const cell = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('raw_text'), text: z.string() }),
  z.looseObject({
    type: z.literal('rich_text'),
    elements: z.array(
      z.looseObject({
        elements: z.array(
          z.looseObject({ type: z.enum(['text', 'link']), text: z.optional(z.string()), url: z.optional(z.string()) }),
        ),
      }),
    ),
  }),
]);

export const blockShape = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('section'),
    text: z.optional(textObject),
    fields: z._default(z.array(textObject), []),
    accessory: z.optional(anyElement),
  }),
  z.looseObject({ type: z.literal('header'), text: plain }),
  z.looseObject({ type: z.literal('divider') }),
  z.looseObject({ type: z.literal('actions'), elements: z.array(anyElement) }),
  z.looseObject({ type: z.literal('context'), elements: z.array(textObject) }),
  z.looseObject({ type: z.literal('image'), slack_file: z.looseObject({ id: z.string() }), alt_text: z.string() }),
  z.looseObject({
    type: z.literal('input'),
    block_id: z._default(z.string(), ''),
    label: plain,
    hint: z.optional(plain),
    optional: z._default(z.boolean(), false),
    dispatch_action: z._default(z.boolean(), false),
    element: inputShape,
  }),
  z.looseObject({
    type: z.literal('table'),
    rows: z.array(z.array(cell)),
    column_settings: z._default(
      z.array(z.looseObject({ align: z.optional(z.string()), is_wrapped: z._default(z.boolean(), false) })),
      [],
    ),
  }),
]);

type Block = z.output<typeof blockShape>;
export type TextObject = z.output<typeof textObject>;
export type Confirm = z.output<typeof confirmShape>;
export type Button = z.output<typeof buttonShape>;
export type Overflow = z.output<typeof overflowShape>;
export type Select = z.output<typeof selectShape>;
export type Option = z.output<typeof option>;
export type AnyElement = z.output<typeof anyElement>;
export type InputBlock = Extract<Block, { type: 'input' }>;
export type Cell = z.output<typeof cell>;
export type TableBlock = Extract<Block, { type: 'table' }>;
