import { useId, type ReactNode } from 'react';
import { FieldView } from '../elements/field.tsx';
import { useForm } from '../form.ts';
import { Plain } from '../text/text.tsx';
import type { InputBlock } from './shapes.ts';
import { Fallback } from './fallback.tsx';

const isTyped = (type: string): boolean => type === 'plain_text_input' || type === 'number_input';

/** Which moments of typing the app wants to hear of; a choice is told at once. */
const momentsOf = ({ dispatch_action: dispatched, element }: InputBlock): readonly string[] => {
  if (!dispatched) return [];
  if (element.type !== 'plain_text_input' && element.type !== 'number_input') return ['on_character_entered'];
  return element.dispatch_action_config?.trigger_actions_on ?? ['on_enter_pressed'];
};

/** An input with its label, its hint and what is wrong with it. */
export const InputView = ({ block }: { readonly block: InputBlock }): ReactNode => {
  const form = useForm();
  const id = useId();
  if (form === null) return <Fallback what="block" type="input" content={block} />;
  const { block_id: blockId, element, hint } = block;
  const error = form.errors[blockId];
  const moments = momentsOf(block);
  const value = form.valueOf(blockId, element.action_id);
  const [labelId, hintId, errorId] = [`${id}-label`, `${id}-hint`, `${id}-error`];
  const describedBy = [error === undefined ? null : errorId, hint === undefined ? null : hintId]
    .filter((one) => one !== null)
    .join(' ');
  const label = (
    <>
      <Plain text={block.label.text} />
      {block.optional && <span className="quiet"> (optional)</span>}
    </>
  );
  return (
    <div className={`input ${error === undefined ? '' : 'input-wrong'}`}>
      {element.type === 'radio_buttons' || element.type === 'checkboxes' ? (
        <span id={labelId} className="input-label">
          {label}
        </span>
      ) : (
        <label id={labelId} htmlFor={id} className="input-label">
          {label}
        </label>
      )}
      <FieldView
        field={element}
        id={id}
        value={value}
        labelledBy={labelId}
        describedBy={describedBy === '' ? undefined : describedBy}
        invalid={error !== undefined}
        onChange={(next) => {
          form.change(blockId, element.action_id, next);
          if (moments.includes('on_character_entered')) form.dispatch(blockId, element.action_id, next, false);
        }}
        onEnter={
          isTyped(element.type) && moments.includes('on_enter_pressed')
            ? () => form.dispatch(blockId, element.action_id, value, true)
            : undefined
        }
      />
      {error !== undefined && (
        <p id={errorId} className="input-error">
          {error}
        </p>
      )}
      {hint && (
        <p id={hintId} className="input-hint">
          <Plain text={hint.text} />
        </p>
      )}
    </div>
  );
};
