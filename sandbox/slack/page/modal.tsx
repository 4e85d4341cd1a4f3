import { useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { Avatar } from './avatar.tsx';
import { sendClose, sendSubmission, type Outcome } from './control.ts';
import { Plain } from './text/text.tsx';
import { useViewForm } from './use-form.ts';
import { ViewBlocks } from './view-blocks.tsx';
import type { View } from './workspace.ts';

interface Props {
  readonly view: View;
  readonly me: string;
  readonly onFailure: (what: string, outcome: Extract<Outcome, { ok: false }>) => void;
}

const fieldOf = (dialog: HTMLElement | null, wrong: boolean): HTMLElement | null =>
  dialog?.querySelector<HTMLElement>(
    wrong ? '.input-wrong :is(input, select, textarea)' : '.modal-body :is(input, select, textarea)',
  ) ?? null;

/**
 * The modal in front of a person; give it the view's id as key. A native modal dialog keeps the focus inside and gives it
 * back; the cross and Escape close the whole stack, as Slack's do, the other button only this view.
 */
export const Modal = ({ view, me, onFailure }: Props): ReactNode => {
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const { form, values } = useViewForm(view, me, (outcome) => onFailure('The dialog', outcome));
  const title = view.title?.text ?? '';

  // A layout effect: its end comes while the dialog still stands in the page, and so close() gives the focus back.
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    fieldOf(shown, false)?.focus();
    return () => shown?.close();
  }, []);
  const errors = Object.values(view.errors).join('\n');
  useLayoutEffect(() => {
    if (errors !== '') fieldOf(dialog.current, true)?.focus();
  }, [errors]);

  const close = async (clear: boolean): Promise<void> => {
    const outcome = await sendClose({ user: me, clear });
    if (!outcome.ok) onFailure('Closing the dialog', outcome);
  };
  const submit = async (): Promise<void> => {
    if (busy) return;
    setBusy(true);
    const outcome = await sendSubmission({ user: me, view_id: view.id, values: values() });
    setBusy(false);
    // What is wrong with an input, and that the app failed, stands in the dialog itself.
    if (!outcome.ok && outcome.error === 'view_not_found') onFailure('Submitting', outcome);
  };

  return (
    <dialog
      ref={dialog}
      className="modal"
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        if (event.target === dialog.current) void close(true);
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
        <header className="modal-head">
          <Avatar person={null} />
          <h2>
            <Plain text={title} />
          </h2>
          <button type="button" className="icon-button" aria-label="Close dialog" onClick={() => void close(true)}>
            ✕
          </button>
        </header>
        <div className="modal-body">
          <ViewBlocks view={view} form={form} me={me} onFailure={onFailure} />
        </div>
        <p className="modal-trouble" role="alert">
          {view.trouble}
        </p>
        <footer className="modal-foot">
          <button type="button" className="button" onClick={() => void close(false)}>
            <Plain text={view.close?.text ?? ((view.previous_view_id ?? null) === null ? 'Cancel' : 'Back')} />
          </button>
          {view.submit && (
            <button type="submit" className="button button-primary" aria-busy={busy}>
              <Plain text={view.submit.text} />
            </button>
          )}
        </footer>
      </form>
    </dialog>
  );
};
