import type { KeyboardEvent, ReactNode } from 'react';
import type { Field, Option } from '../blocks/shapes.ts';
import { usePage } from '../scope.ts';
import { Plain, Text } from '../text/text.tsx';
import { displayName } from '../workspace.ts';

interface FieldProps {
  readonly field: Field;
  /** What it holds as one text: an option's value, ticked ones with commas, a user's id, a day, what was typed. */
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Enter in a line of text. */
  readonly onEnter?: (() => void) | undefined;
  readonly id: string;
  /** Names it where no label does. */
  readonly label?: string | undefined;
  readonly labelledBy?: string | undefined;
  readonly describedBy?: string | undefined;
  readonly invalid?: boolean | undefined;
}

const OptionText = ({ option }: { readonly option: Option }): ReactNode => (
  <span className="option-text">
    <Text of={option.text} />
    {option.description && (
      <small>
        <Plain text={option.description.text} />
      </small>
    )}
  </span>
);

type Boxed = Extract<Field, { type: 'radio_buttons' | 'checkboxes' }>;

/** Radio buttons and check boxes: the same rows, one or several of them on. */
const Boxes = ({
  field,
  id,
  label,
  labelledBy,
  describedBy,
  value,
  onChange,
}: FieldProps & { readonly field: Boxed }): ReactNode => {
  const on = value === '' ? [] : value.split(',');
  const toggled = (one: string): string =>
    (on.includes(one) ? on.filter((each) => each !== one) : [...on, one]).join(',');
  const single = field.type === 'radio_buttons';
  return (
    <div
      id={id}
      className="boxes"
      role={single ? 'radiogroup' : 'group'}
      aria-label={label}
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
    >
      {field.options.map((option) => (
        <label key={option.value}>
          <input
            type={single ? 'radio' : 'checkbox'}
            name={id}
            value={option.value}
            checked={on.includes(option.value)}
            onChange={() => onChange(single ? option.value : toggled(option.value))}
          />
          <OptionText option={option} />
        </label>
      ))}
    </div>
  );
};

const SelectOptions = ({ options }: { readonly options: readonly Option[] }): ReactNode =>
  options.map((option) => (
    <option key={option.value} value={option.value}>
      {option.text.text}
    </option>
  ));

/** One input of Block Kit as the browser's own control, which brings keyboard and screen reader. */
export const FieldView = (props: FieldProps): ReactNode => {
  const { users } = usePage();
  const { describedBy, field, id, invalid = false, label, onChange, onEnter, value } = props;
  const placeholder = field.placeholder?.text;
  const common = {
    id,
    value,
    'aria-label': label,
    'aria-describedby': describedBy,
    'aria-invalid': invalid || undefined,
    'data-action-id': field.action_id,
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || onEnter === undefined) return;
    event.preventDefault();
    onEnter();
  };
  switch (field.type) {
    case 'plain_text_input':
      return field.multiline ? (
        <textarea
          {...common}
          className="control"
          rows={4}
          placeholder={placeholder}
          onChange={(event) => onChange(event.target.value)}
        />
      ) : (
        <input
          {...common}
          className="control"
          type="text"
          autoComplete="off"
          placeholder={placeholder}
          onKeyDown={onKeyDown}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case 'number_input':
      return (
        <input
          {...common}
          className="control"
          // A text: a number field hides what it does not understand, and nobody could be told what is wrong with it.
          type="text"
          inputMode={field.is_decimal_allowed ? 'decimal' : 'numeric'}
          autoComplete="off"
          placeholder={placeholder}
          onKeyDown={onKeyDown}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case 'datepicker':
      return <input {...common} className="control" type="date" onChange={(event) => onChange(event.target.value)} />;
    case 'radio_buttons':
    case 'checkboxes':
      return <Boxes {...props} field={field} />;
    case 'users_select':
      return (
        <select {...common} className="control" onChange={(event) => onChange(event.target.value)}>
          <option value="">{placeholder ?? 'Choose a person'}</option>
          {[...users.values()]
            .filter((one) => !one.isBot)
            .map((one) => (
              <option key={one.id} value={one.id}>
                {displayName(one)}
              </option>
            ))}
        </select>
      );
    case 'static_select':
      return (
        <select {...common} className="control" onChange={(event) => onChange(event.target.value)}>
          <option value="">{placeholder ?? 'Choose an option'}</option>
          <SelectOptions options={field.options ?? []} />
          {field.option_groups?.map((group) => (
            <optgroup key={group.label.text} label={group.label.text}>
              <SelectOptions options={group.options} />
            </optgroup>
          ))}
        </select>
      );
  }
};
