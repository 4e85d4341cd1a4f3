import { useState, type ReactNode } from 'react';
import type { Option, Select } from '../blocks/shapes.ts';
import { useConfirmed } from './use-confirmed.tsx';

const Options = ({ options }: { readonly options: readonly Option[] }): ReactNode =>
  options.map((option, place) => (
    <option key={place} value={option.value}>
      {option.text.text}
    </option>
  ));

/** `static_select` as the browser's own select: the platform brings keyboard and screen reader. */
export const SelectElement = ({ select }: { readonly select: Select }): ReactNode => {
  const [value, setValue] = useState(select.initial_option?.value ?? '');
  const { pending, run, dialog } = useConfirmed(select.confirm);
  const placeholder = select.placeholder?.text ?? 'Choose an option';
  return (
    <>
      <select
        className="button select"
        data-action-id={select.action_id}
        aria-label={placeholder}
        aria-busy={pending}
        value={value}
        onChange={(event) => {
          setValue(event.target.value);
          run({ actionId: select.action_id, value: event.target.value });
        }}
      >
        <option value="" disabled hidden>
          {placeholder}
        </option>
        <Options options={select.options ?? []} />
        {select.option_groups?.map((group) => (
          <optgroup key={group.label.text} label={group.label.text}>
            <Options options={group.options} />
          </optgroup>
        ))}
      </select>
      {dialog}
    </>
  );
};
