/** What the inputs of a modal hold while somebody fills them in, and how the app hears of it. */
import { createContext, useContext, useRef, useState } from 'react';
import { sendViewAct, type Outcome, type ViewAct } from './control.ts';
import type { View } from './workspace.ts';

export interface Form {
  readonly valueOf: (blockId: string, actionId: string) => string;
  readonly change: (blockId: string, value: string) => void;
  /** Tells the app, as an input with `dispatch_action` asks for; `enter` when a line was ended. */
  readonly dispatch: (blockId: string, actionId: string, value: string, enter: boolean) => void;
  /** What is wrong, by block. */
  readonly errors: Readonly<Record<string, string>>;
}

export const FormContext = createContext<Form | null>(null);
export const useForm = (): Form | null => useContext(FormContext);

/**
 * The form of one view, which keeps what was typed until the view is gone. Dispatches go out one after another, and of
 * those that wait for their turn only the last: a fast typist is not a queue. `values` is by block.
 */
export const useViewForm = (
  view: View,
  me: string,
  onFailure: (outcome: Extract<Outcome, { ok: false }>) => void,
): { readonly form: Form; readonly values: Readonly<Record<string, string>> } => {
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const sending = useRef(false);
  const waiting = useRef<ViewAct | null>(null);

  const send = async (act: ViewAct): Promise<void> => {
    waiting.current = act;
    if (sending.current) return;
    sending.current = true;
    for (let next: ViewAct | null = act; next !== null; next = waiting.current) {
      waiting.current = null;
      const outcome = await sendViewAct(next);
      if (!outcome.ok) onFailure(outcome);
    }
    sending.current = false;
  };

  return {
    form: {
      valueOf: (blockId, actionId) => typed[blockId] ?? view.state.values[blockId]?.[actionId]?.value ?? '',
      errors: view.errors,
      change: (blockId, value) => setTyped((before) => ({ ...before, [blockId]: value })),
      dispatch: (blockId, actionId, value, enter) =>
        void send({ user: me, block_id: blockId, action_id: actionId, value, enter }),
    },
    values: typed,
  };
};
