import { useState, type ReactNode } from 'react';
import type { Confirm } from '../blocks/shapes.ts';
import { useSend, type Act } from '../scope.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';

interface Confirmed {
  /** True from the click until the sandbox answered. */
  readonly pending: boolean;
  /** Asks where the element wants it, then sends. */
  readonly run: (act: Act) => void;
  /** Has to be rendered beside the element. */
  readonly dialog: ReactNode;
}

/** The way from a control to the bot, through the element's confirm dialog if it has one. */
export const useConfirmed = (confirm: Confirm | undefined): Confirmed => {
  const send = useSend();
  const [asked, setAsked] = useState<Act | null>(null);
  const [pending, setPending] = useState(false);

  const sendNow = async (act: Act): Promise<void> => {
    setPending(true);
    await send(act);
    setPending(false);
  };
  const run = (act: Act): void => {
    if (pending) return;
    if (confirm === undefined) void sendNow(act);
    else setAsked(act);
  };
  const dialog =
    asked === null || confirm === undefined ? null : (
      <ConfirmDialog
        confirm={confirm}
        onAnswer={(confirmed) => {
          setAsked(null);
          if (confirmed) void sendNow(asked);
        }}
      />
    );
  return { pending, run, dialog };
};
