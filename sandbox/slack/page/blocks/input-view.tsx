import { useId, type ReactNode } from 'react';
import { useForm } from '../form.ts';
import { Fallback } from './fallback.tsx';
import type { InputBlock } from './shapes.ts';

/** Which moments of typing the app wants to hear of. */
const momentsOf = ({ dispatch_action: dispatched, element }: InputBlock): readonly string[] =>
  dispatched ? (element.dispatch_action_config?.trigger_actions_on ?? ['on_enter_pressed']) : [];

/** A line of text with its label, its hint and what is wrong with it. */
export const InputView = ({ block }: { readonly block: InputBlock }): ReactNode => {
  const form = useForm();
  const id = useId();
  if (form === null) return <Fallback what="block" type="input" content={block} />;
  const { block_id: blockId, element, hint } = block;
  const { action_id: actionId } = element;
  const error = form.errors[blockId];
  const moments = momentsOf(block);
  const value = form.valueOf(blockId, actionId);
  const [hintId, errorId] = [`${id}-hint`, `${id}-error`];
  const describedBy = [...(error === undefined ? [] : [errorId]), ...(hint === undefined ? [] : [hintId])].join(' ');
  return (
    <div className={`input ${error === undefined ? '' : 'input-wrong'}`}>
      <label htmlFor={id} className="input-label">
        {block.label.text}
        {block.optional && <span className="quiet"> (optional)</span>}
      </label>
      <input
        id={id}
        className="control"
        type="text"
        autoComplete="off"
        placeholder={element.placeholder?.text}
        value={value}
        aria-describedby={describedBy === '' ? undefined : describedBy}
        aria-invalid={error !== undefined || undefined}
        data-action-id={actionId}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !moments.includes('on_enter_pressed')) return;
          event.preventDefault();
          form.dispatch(blockId, actionId, value, true);
        }}
        onChange={({ target }) => {
          form.change(blockId, target.value);
          if (moments.includes('on_character_entered')) form.dispatch(blockId, actionId, target.value, false);
        }}
      />
      {error !== undefined && (
        <p id={errorId} className="input-error">
          {error}
        </p>
      )}
      {hint && (
        <p id={hintId} className="input-hint">
          {hint.text}
        </p>
      )}
    </div>
  );
};
