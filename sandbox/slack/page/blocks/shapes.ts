/** The shapes of the Block Kit parts that this page draws itself. A block that doesn't fit falls back visibly. */
import * as z from 'zod/mini';

const textObject = z.looseObject({ type: z.enum(['mrkdwn', 'plain_text']), text: z.string() });
const plain = z.looseObject({ type: z.literal('plain_text'), text: z.string() });

const confirmShape = z.looseObject({
  title: textObject,
  text: textObject,
  confirm: textObject,
  deny: textObject,
  style: z.optional(z.enum(['primary', 'danger'])),
});

const option = z.looseObject({
  text: textObject,
  value: z._default(z.string(), ''),
  description: z.optional(plain),
  url: z.optional(z.string()),
});

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
  options: z.optional(z.array(option)),
  option_groups: z.optional(z.array(z.looseObject({ label: plain, options: z.array(option) }))),
  initial_option: z.optional(option),
  confirm: z.optional(confirmShape),
});
const imageShape = z.looseObject({
  type: z.literal('image'),
  image_url: z.string(),
  alt_text: z.string(),
  title: z.optional(plain),
});
const feedbackChoice = z.looseObject({ text: plain, value: z._default(z.string(), '') });
const feedbackShape = z.looseObject({
  type: z.literal('feedback_buttons'),
  action_id: z._default(z.string(), ''),
  positive_button: feedbackChoice,
  negative_button: feedbackChoice,
});
const iconButtonShape = z.looseObject({
  type: z.literal('icon_button'),
  action_id: z._default(z.string(), ''),
  icon: z._default(z.string(), ''),
  text: plain,
  value: z.optional(z.string()),
  confirm: z.optional(confirmShape),
});

export const elementShape = z.discriminatedUnion('type', [
  buttonShape,
  overflowShape,
  selectShape,
  imageShape,
  feedbackShape,
  iconButtonShape,
]);
const anyElement = z.looseObject({ type: z.string() });

const cell = z.looseObject({ type: z.string(), text: z.optional(z.string()), value: z.optional(z.number()) });

export const blockShape = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('section'),
    text: z.optional(textObject),
    fields: z._default(z.array(textObject), []),
    accessory: z.optional(anyElement),
  }),
  z.looseObject({ type: z.literal('actions'), elements: z.array(anyElement) }),
  z.looseObject({ type: z.literal('context_actions'), elements: z.array(anyElement) }),
  z.looseObject({ type: z.literal('context'), elements: z.array(z.union([textObject, imageShape])) }),
  z.looseObject({ type: z.literal('header'), text: plain }),
  z.looseObject({ type: z.literal('divider') }),
  imageShape,
  z.looseObject({
    type: z.literal('table'),
    rows: z.array(z.array(cell)),
    column_settings: z._default(z.array(z.nullable(z.looseObject({ align: z.optional(z.string()) }))), []),
  }),
  z.looseObject({
    type: z.literal('data_table'),
    caption: z.optional(z.string()),
    rows: z.array(z.array(cell)),
  }),
]);

export type TextObject = z.output<typeof textObject>;
export type Confirm = z.output<typeof confirmShape>;
export type Button = z.output<typeof buttonShape>;
export type Overflow = z.output<typeof overflowShape>;
export type Select = z.output<typeof selectShape>;
export type Image = z.output<typeof imageShape>;
export type Feedback = z.output<typeof feedbackShape>;
export type IconButton = z.output<typeof iconButtonShape>;
export type Option = z.output<typeof option>;
export type Cell = z.output<typeof cell>;
export type AnyElement = z.output<typeof anyElement>;
