import { useId, useState, type ReactNode } from 'react';
import type { Field } from '../blocks/shapes.ts';
import { FieldView } from './field.tsx';
import { useConfirmed } from './use-confirmed.tsx';

type Choice = Extract<Field, { type: 'radio_buttons' | 'checkboxes' | 'users_select' | 'datepicker' }>;

const initialOf = (field: Choice): string => {
  switch (field.type) {
    case 'radio_buttons':
      return field.initial_option?.value ?? '';
    case 'checkboxes':
      return field.initial_options.map(({ value }) => value).join(',');
    case 'users_select':
      return field.initial_user ?? '';
    case 'datepicker':
      return field.initial_date ?? '';
  }
};

/** A choice beside a section or among buttons: the app is told of it at once. */
export const ChoiceElement = ({ field }: { readonly field: Choice }): ReactNode => {
  const id = useId();
  const [value, setValue] = useState(initialOf(field));
  const { run, dialog } = useConfirmed(field.confirm);
  const change = (next: string): void => {
    setValue(next);
    run({ actionId: field.action_id, value: next });
  };
  return (
    <>
      <FieldView field={field} id={id} value={value} label={field.placeholder?.text ?? 'Choice'} onChange={change} />
      {dialog}
    </>
  );
};
