/** The parts that blocks are made of, with the limits that Slack publishes (docs.slack.dev/reference/block-kit). */
import { isDeepStrictEqual } from 'node:util';
import { both, byType, flag, list, oneOf, problem, type Rule, shape, text, url } from './block-schema.ts';
import { isObject, objectsAt } from '../json.ts';

export const identifier = text(255);

export const plainText = (max: number): Rule =>
  byType({ plain_text: shape({ required: { text: text(max) }, optional: { emoji: flag } }) });

export const markedText = (max: number): Rule => shape({ required: { text: text(max) }, optional: { verbatim: flag } });

export const anyText = (max: number): Rule =>
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

/** What is chosen at first has to be one of the options, to the letter. */
const initialAmongOptions: Rule = (value, path) => {
  if (!isObject(value)) return [];
  const groups = [value, ...objectsAt(value, 'option_groups')];
  const options = groups.flatMap((group) => objectsAt(group, 'options'));
  const offered = (wanted: unknown): boolean => options.some((each) => isDeepStrictEqual(each, wanted));
  const single = value['initial_option'];
  if (single !== undefined && !offered(single)) {
    return [problem('initial option not found in options list', `${path}/initial_option`)];
  }
  return objectsAt(value, 'initial_options').every(offered)
    ? []
    : [problem('initial option not found in options list', `${path}/initial_options`)];
};

const common = { action_id: identifier, confirm, focus_on_load: flag };
const placeholder = plainText(150);

const staticSelect = both(
  both(
    shape({
      optional: {
        ...common,
        options: list(option, 100),
        option_groups: list(optionGroup, 100),
        placeholder,
        initial_option: option,
      },
    }),
    optionsOrGroups,
  ),
  initialAmongOptions,
);

const radioButtons = both(
  shape({ required: { options: list(option, 10) }, optional: { ...common, initial_option: option } }),
  initialAmongOptions,
);

const checkboxes = both(
  shape({ required: { options: list(option, 10) }, optional: { ...common, initial_options: list(option, 10) } }),
  initialAmongOptions,
);

const usersSelect = shape({ optional: { ...common, placeholder, initial_user: identifier } });

const day: Rule = (value, path) =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value))
    ? []
    : [problem('must be a valid date in the format YYYY-MM-DD', path)];

const datepicker = shape({ optional: { ...common, placeholder, initial_date: day } });

const count =
  (least: number, most: number): Rule =>
  (value, path) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
      ? []
      : [problem(`must be a whole number from ${least} to ${most}`, path)];

const dispatchConfig = shape({
  optional: { trigger_actions_on: list(oneOf('on_enter_pressed', 'on_character_entered'), 2) },
});

const typed = {
  action_id: identifier,
  focus_on_load: flag,
  placeholder,
  dispatch_action_config: dispatchConfig,
  initial_value: text(3000, 0),
};

const plainTextInput = shape({
  optional: { ...typed, multiline: flag, min_length: count(0, 3000), max_length: count(1, 3000) },
});

const numberText: Rule = (value, path) =>
  typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value) ? [] : [problem('must be a number in a string', path)];

const numberInput = shape({
  required: { is_decimal_allowed: flag },
  optional: { ...typed, initial_value: numberText, min_value: numberText, max_value: numberText },
});

/** NOTE: which file it names is checked by the caller, who knows the files. */
const slackFile: Rule = (value, path) => {
  const problems = shape({ optional: { id: identifier, url: url(3000) } })(value, path);
  if (problems.length > 0 || !isObject(value)) return problems;
  return (value['id'] === undefined) === (value['url'] === undefined)
    ? [problem('must define exactly one of: id, url', path)]
    : [];
};

const urlOrFile: Rule = (value, path) =>
  isObject(value) && (value['image_url'] === undefined) === (value['slack_file'] === undefined)
    ? [problem('must define exactly one of: image_url, slack_file', path)]
    : [];

/** A picture; `more` are the properties that only some have. */
export const image = (more: Readonly<Record<string, Rule>> = {}): Rule =>
  both(
    shape({ required: { alt_text: text(2000) }, optional: { image_url: url(3000), slack_file: slackFile, ...more } }),
    urlOrFile,
  );

/** What holds a person's choice, wherever it stands. */
const choosing = {
  static_select: staticSelect,
  radio_buttons: radioButtons,
  checkboxes,
  users_select: usersSelect,
  datepicker,
};

/** In an actions block. */
export const actionElements: Readonly<Record<string, Rule>> = { button, overflow, ...choosing };

/** Beside a section. */
export const accessories: Readonly<Record<string, Rule>> = { ...actionElements, image: image() };

/** In an input block. */
export const inputElements: Readonly<Record<string, Rule>> = {
  plain_text_input: plainTextInput,
  number_input: numberInput,
  ...choosing,
};
