import { useRef, useState } from 'react';
import { sendViewAct, type Outcome, type ViewAct } from './control.ts';
import { formKey, knownValue, type Form } from './form.ts';
import type { View } from './workspace.ts';

/**
 * The form of one view, which keeps what was typed until the view is gone. Dispatches go out one after another, and of
 * those that wait for their turn only the last: a fast typist is not a queue.
 */
export const useViewForm = (
  view: View,
  me: string,
  onFailure: (outcome: Extract<Outcome, { ok: false }>) => void,
): { readonly form: Form; readonly values: () => Readonly<Record<string, string>> } => {
  const [typed, setTyped] = useState<ReadonlyMap<string, string>>(new Map());
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

  const valueOf = (blockId: string, actionId: string): string =>
    typed.get(formKey(blockId, actionId)) ?? knownValue(view, blockId, actionId);
  return {
    form: {
      valueOf,
      errors: view.errors,
      change: (blockId, actionId, value) =>
        setTyped((before) => new Map([...before, [formKey(blockId, actionId), value]])),
      dispatch: (blockId, actionId, value, enter) =>
        void send({ user: me, view_id: view.id, block_id: blockId, action_id: actionId, value, enter }),
    },
    values: () =>
      Object.fromEntries(
        Object.entries(view.state.values).flatMap(([blockId, actions]) =>
          Object.keys(actions).flatMap((actionId) => {
            const value = typed.get(formKey(blockId, actionId));
            return value === undefined ? [] : [[blockId, value] as const];
          }),
        ),
      ),
  };
};
