import { useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { Avatar } from './avatar.tsx';
import { BlockView } from './blocks/block.tsx';
import { sendClose, sendSubmission, sendViewAct, type Outcome } from './control.ts';
import { FormContext, useViewForm } from './form.ts';
import { SendContext } from './scope.ts';
import type { View } from './workspace.ts';

interface Props {
  readonly view: View;
  readonly me: string;
  readonly onFailure: (what: string, outcome: Extract<Outcome, { ok: false }>) => void;
}

const fieldOf = (dialog: HTMLElement | null, wrong: boolean): HTMLElement | null =>
  dialog?.querySelector<HTMLElement>(wrong ? '.input-wrong input' : '.modal-body input') ?? null;

interface FrameProps {
  readonly view: View;
  readonly busy: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** What stands around the blocks of a modal. */
export const ModalFrame = ({ view, busy, onClose, children }: FrameProps): ReactNode => (
  <>
    <header className="modal-head">
      <Avatar person={null} />
      <h2>{view.title.text}</h2>
      <button type="button" className="icon-button" aria-label="Close dialog" onClick={onClose}>
        ✕
      </button>
    </header>
    <div className="modal-body">{children}</div>
    <p className="modal-trouble" role="alert">
      {view.trouble}
    </p>
    <footer className="modal-foot">
      <button type="button" className="button" onClick={onClose}>
        {view.close?.text ?? 'Cancel'}
      </button>
      {view.submit && (
        <button type="submit" className="button button-primary" aria-busy={busy}>
          {view.submit.text}
        </button>
      )}
    </footer>
  </>
);

export const Blocks = ({ view }: { readonly view: Pick<View, 'blocks'> }): ReactNode =>
  view.blocks.map((block, place) => <BlockView key={block.block_id ?? place} block={block} />);

/**
 * The modal in front of a person; give it the view's id as key. A native modal dialog keeps the focus inside and gives it
 * back; the cross, Escape and the other button close it.
 */
export const Modal = ({ view, me, onFailure }: Props): ReactNode => {
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const { form, values } = useViewForm(view, me, (outcome) => onFailure('The dialog', outcome));

  // A layout effect: its end comes while the dialog still stands in the page, and so close() gives the focus back.
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  // The app may open it empty and fill it a moment later.
  const hasInput = view.blocks.some(({ type }) => type === 'input');
  useLayoutEffect(() => {
    if (hasInput) fieldOf(dialog.current, false)?.focus();
  }, [hasInput]);
  const errors = Object.values(view.errors).join('\n');
  useLayoutEffect(() => {
    if (errors !== '') fieldOf(dialog.current, true)?.focus();
  }, [errors]);

  const close = async (): Promise<void> => {
    const outcome = await sendClose(me);
    if (!outcome.ok) onFailure('Closing the dialog', outcome);
  };
  const submit = async (): Promise<void> => {
    if (busy) return;
    setBusy(true);
    const outcome = await sendSubmission({ user: me, values });
    setBusy(false);
    // What is wrong with an input, and that the app failed, stands in the dialog itself.
    if (!outcome.ok && outcome.error === 'view_not_found') onFailure('Submitting', outcome);
  };

  return (
    <dialog
      ref={dialog}
      className="modal"
      aria-label={view.title.text}
      onCancel={(event) => {
        event.preventDefault();
        if (event.target === dialog.current) void close();
      }}
    >
      <form
        className="modal-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <ModalFrame view={view} busy={busy} onClose={() => void close()}>
          <FormContext value={form}>
            <SendContext
              value={async (blockId, { actionId, value }) => {
                const outcome = await sendViewAct({ user: me, action_id: actionId, block_id: blockId, value });
                if (!outcome.ok) onFailure('The click', outcome);
              }}
            >
              <Blocks view={view} />
            </SendContext>
          </FormContext>
        </ModalFrame>
      </form>
    </dialog>
  );
};
