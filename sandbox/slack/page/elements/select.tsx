import type { ChangeEvent, ReactNode } from 'react';
import type { Select } from '../blocks/shapes.ts';
import { useConfirmed } from './use-confirmed.tsx';

/** A menu to choose one from. Slack acts when something is chosen, and shows the choice to whoever made it alone. */
export const SelectElement = ({ select }: { readonly select: Select }): ReactNode => {
  const { pending, run, dialog } = useConfirmed(select.confirm);
  const placeholder = select.placeholder?.text ?? 'Choose an option';
  const choose = ({ target }: ChangeEvent<HTMLSelectElement>): void => {
    const { value } = target;
    if (value === '') return;
    target.value = '';
    run({ actionId: select.action_id, value });
  };
  return (
    <>
      <select
        className="select"
        aria-label={placeholder}
        data-action-id={select.action_id}
        aria-busy={pending}
        defaultValue=""
        onChange={choose}
      >
        <option value="">{placeholder}</option>
        {select.options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text.text}
          </option>
        ))}
      </select>
      {dialog}
    </>
  );
};
