/** What the inputs of a view hold while somebody fills them in, and how the app hears of it. */
import { createContext, useContext } from 'react';
import type { View } from './workspace.ts';

export interface Form {
  readonly valueOf: (blockId: string, actionId: string) => string;
  readonly change: (blockId: string, actionId: string, value: string) => void;
  /** Tells the app, as an input with `dispatch_action` asks for; `enter` when a line was ended. */
  readonly dispatch: (blockId: string, actionId: string, value: string, enter: boolean) => void;
  /** What is wrong, by block. */
  readonly errors: Readonly<Record<string, string>>;
}

export const FormContext = createContext<Form | null>(null);
export const useForm = (): Form | null => useContext(FormContext);

type Entry = Readonly<Record<string, unknown>>;

const optionValue = (option: unknown): string =>
  typeof option === 'object' && option !== null && 'value' in option && typeof option.value === 'string'
    ? option.value
    : '';

/** An entry of `state.values` as the one text that a field holds. */
const textOfEntry = (entry: Entry | undefined): string => {
  if (entry === undefined) return '';
  const { selected_date: day, selected_option: option, selected_options: options, selected_user: user, value } = entry;
  if (Array.isArray(options)) return options.map(optionValue).join(',');
  if (option !== undefined) return optionValue(option);
  const text = value ?? user ?? day;
  return typeof text === 'string' ? text : '';
};

export const formKey = (blockId: string, actionId: string): string => `${blockId}/${actionId}`;

/** What the sandbox knows of an input; what was typed since is the form's. */
export const knownValue = (view: View, blockId: string, actionId: string): string =>
  textOfEntry(view.state.values[blockId]?.[actionId]);
