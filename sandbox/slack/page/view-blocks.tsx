import type { ReactNode } from 'react';
import { BlockView } from './blocks/block.tsx';
import { sendViewAct, type Outcome } from './control.ts';
import { type Form, FormContext } from './form.ts';
import { SendContext } from './scope.ts';
import type { View } from './workspace.ts';

interface Props {
  readonly view: View;
  readonly form: Form;
  readonly me: string;
  readonly onFailure: (what: string, outcome: Extract<Outcome, { ok: false }>) => void;
}

/** The blocks of a modal or a Home tab, with what was typed into them; clicks go to the app. */
export const ViewBlocks = ({ view, form, me, onFailure }: Props): ReactNode => (
  <FormContext value={form}>
    <SendContext
      value={async (blockId, { actionId, value }) => {
        const act = { user: me, view_id: view.id, action_id: actionId, block_id: blockId, value };
        const outcome = await sendViewAct(act);
        if (!outcome.ok) onFailure('The click', outcome);
      }}
    >
      {view.blocks.map((block, place) => (
        <BlockView key={block.block_id ?? place} block={block} />
      ))}
    </SendContext>
  </FormContext>
);
