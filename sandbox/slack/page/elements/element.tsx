import type { ReactNode } from 'react';
import { elementShape, type AnyElement, type Feedback, type IconButton } from '../blocks/shapes.ts';
import { Fallback } from '../blocks/fallback.tsx';
import { ImageView } from '../blocks/picture.tsx';
import { ButtonElement } from './button.tsx';
import { ChoiceElement } from './choice.tsx';
import { OverflowElement } from './overflow.tsx';
import { SelectElement } from './select.tsx';
import { useConfirmed } from './use-confirmed.tsx';

const FeedbackElement = ({ feedback }: { readonly feedback: Feedback }): ReactNode => {
  const { pending, run } = useConfirmed(undefined);
  const choices = [
    { sign: '👍', choice: feedback.positive_button },
    { sign: '👎', choice: feedback.negative_button },
  ];
  return choices.map(({ sign, choice }) => (
    <button
      key={sign}
      type="button"
      className="button button-icon"
      data-action-id={feedback.action_id}
      aria-busy={pending}
      onClick={() => run({ actionId: feedback.action_id, value: choice.value })}
    >
      <span className="emoji" aria-hidden="true">
        {sign}
      </span>
      {choice.text.text}
    </button>
  ));
};

const IconButtonElement = ({ icon }: { readonly icon: IconButton }): ReactNode => {
  const { pending, run, dialog } = useConfirmed(icon.confirm);
  return (
    <>
      <button
        type="button"
        className="button button-icon"
        data-action-id={icon.action_id}
        aria-busy={pending}
        onClick={() => run({ actionId: icon.action_id, value: icon.value })}
      >
        {icon.text.text}
      </button>
      {dialog}
    </>
  );
};

/** One interactive element or picture of a section, actions or context_actions block. */
export const ElementView = ({ element }: { readonly element: AnyElement }): ReactNode => {
  const parsed = elementShape.safeParse(element);
  if (!parsed.success) return <Fallback what="element" type={element.type} content={element} />;
  switch (parsed.data.type) {
    case 'button':
      return <ButtonElement button={parsed.data} />;
    case 'overflow':
      return <OverflowElement overflow={parsed.data} />;
    case 'static_select':
      return <SelectElement select={parsed.data} />;
    case 'image':
      return <ImageView className="accessory-image" image={parsed.data} />;
    case 'feedback_buttons':
      return <FeedbackElement feedback={parsed.data} />;
    case 'icon_button':
      return <IconButtonElement icon={parsed.data} />;
    case 'radio_buttons':
    case 'checkboxes':
    case 'users_select':
    case 'datepicker':
      return <ChoiceElement field={parsed.data} />;
  }
};
