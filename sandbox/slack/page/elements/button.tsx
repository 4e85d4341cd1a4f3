import type { ReactNode } from 'react';
import type { Button } from '../blocks/shapes.ts';
import { useConfirmed } from './use-confirmed.tsx';

export const ButtonElement = ({ button }: { readonly button: Button }): ReactNode => {
  const { pending, run, dialog } = useConfirmed(button.confirm);
  const press = (): void => {
    if (button.url !== undefined && /^https?:/i.test(button.url)) window.open(button.url, '_blank', 'noopener');
    run({ actionId: button.action_id, value: button.value });
  };
  return (
    <>
      <button
        type="button"
        className={`button ${button.style === undefined ? '' : `button-${button.style}`}`}
        data-action-id={button.action_id}
        aria-label={button.accessibility_label}
        aria-busy={pending}
        aria-haspopup={button.confirm === undefined ? undefined : 'dialog'}
        onClick={press}
      >
        {button.text.text}
      </button>
      {dialog}
    </>
  );
};
