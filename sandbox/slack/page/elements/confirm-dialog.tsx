import { useLayoutEffect, useRef, type ReactNode } from 'react';
import type { Confirm } from '../blocks/shapes.ts';
import { Text } from '../text/text.tsx';

interface Props {
  readonly confirm: Confirm;
  readonly onAnswer: (confirmed: boolean) => void;
}

/** Asks first. A native modal dialog keeps the focus inside, ends with Escape and gives the focus back. */
export const ConfirmDialog = ({ confirm, onAnswer }: Props): ReactNode => {
  const dialog = useRef<HTMLDialogElement>(null);
  const confirmButton = useRef<HTMLButtonElement>(null);
  // A layout effect: its end comes while the dialog still stands in the page, and so close() gives the focus back.
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    // The one button that Enter should press; showModal() alone takes the first.
    confirmButton.current?.focus();
    return () => shown?.close();
  }, []);

  return (
    <dialog
      ref={dialog}
      className="confirm"
      aria-label={confirm.title.text}
      closedby="any"
      onCancel={(event) => {
        event.preventDefault();
        onAnswer(false);
      }}
    >
      <div className="confirm-body">
        <h2>{confirm.title.text}</h2>
        <Text of={confirm.text} />
        <div className="confirm-buttons">
          <button type="button" className="button" onClick={() => onAnswer(false)}>
            {confirm.deny.text}
          </button>
          <button
            ref={confirmButton}
            type="button"
            className={`button button-${confirm.style ?? 'primary'}`}
            onClick={() => onAnswer(true)}
          >
            {confirm.confirm.text}
          </button>
        </div>
      </div>
    </dialog>
  );
};
