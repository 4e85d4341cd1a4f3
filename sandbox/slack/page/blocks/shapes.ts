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
const slackFile = z.looseObject({ id: z.optional(z.string()), url: z.optional(z.string()) });
const imageShape = z.looseObject({
  type: z.literal('image'),
  image_url: z.optional(z.string()),
  slack_file: z.optional(slackFile),
  alt_text: z.string(),
  title: z.optional(plain),
});

/** An element that holds something: what it may hold and how it says so. */
const named = {
  action_id: z._default(z.string(), ''),
  placeholder: z.optional(plain),
  confirm: z.optional(confirmShape),
};
const dispatching = z.optional(
  z.looseObject({ trigger_actions_on: z._default(z.array(z.string()), ['on_enter_pressed']) }),
);
const radioShape = z.looseObject({
  type: z.literal('radio_buttons'),
  ...named,
  options: z.array(option),
  initial_option: z.optional(option),
});
const checkboxesShape = z.looseObject({
  type: z.literal('checkboxes'),
  ...named,
  options: z.array(option),
  initial_options: z._default(z.array(option), []),
});
const usersShape = z.looseObject({
  type: z.literal('users_select'),
  ...named,
  initial_user: z.optional(z.string()),
});
const dayShape = z.looseObject({ type: z.literal('datepicker'), ...named, initial_date: z.optional(z.string()) });
const textInputShape = z.looseObject({
  type: z.literal('plain_text_input'),
  ...named,
  multiline: z._default(z.boolean(), false),
  dispatch_action_config: dispatching,
});
const numberInputShape = z.looseObject({
  type: z.literal('number_input'),
  ...named,
  is_decimal_allowed: z._default(z.boolean(), true),
  dispatch_action_config: dispatching,
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
  radioShape,
  checkboxesShape,
  usersShape,
  dayShape,
]);
const fieldShape = z.discriminatedUnion('type', [
  textInputShape,
  numberInputShape,
  selectShape,
  radioShape,
  checkboxesShape,
  usersShape,
  dayShape,
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
    type: z.literal('input'),
    block_id: z._default(z.string(), ''),
    label: plain,
    hint: z.optional(plain),
    optional: z._default(z.boolean(), false),
    dispatch_action: z._default(z.boolean(), false),
    element: fieldShape,
  }),
  z.looseObject({
    type: z.literal('table'),
    rows: z.array(z.array(cell)),
    column_settings: z._default(
      z.array(z.nullable(z.looseObject({ align: z.optional(z.string()), is_wrapped: z._default(z.boolean(), false) }))),
      [],
    ),
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
export type Field = z.output<typeof fieldShape>;
export type InputBlock = Extract<z.output<typeof blockShape>, { type: 'input' }>;
export type Option = z.output<typeof option>;
export type Cell = z.output<typeof cell>;
export type AnyElement = z.output<typeof anyElement>;
