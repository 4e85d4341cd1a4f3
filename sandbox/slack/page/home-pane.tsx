import { useEffect, type ReactNode } from 'react';
import { BlockView } from './blocks/block.tsx';
import { sendHome, sendViewAct, type Outcome } from './control.ts';
import { FormContext } from './form.ts';
import { SendContext } from './scope.ts';
import { useViewForm } from './use-form.ts';
import type { View } from './workspace.ts';

interface Props {
  readonly app: string;
  readonly me: string;
  readonly view: View | undefined;
  readonly onFailure: (what: string, outcome: Extract<Outcome, { ok: false }>) => void;
}

const Blocks = ({ me, view, onFailure }: Pick<Props, 'me' | 'onFailure'> & { readonly view: View }): ReactNode => {
  const { form } = useViewForm(view, me, (outcome) => onFailure('The Home tab', outcome));
  return (
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
};

/** The app's Home tab for one person; opening it tells the app, which then publishes what stands there. */
export const HomePane = ({ app, me, view, onFailure }: Props): ReactNode => {
  useEffect(() => {
    let left = false;
    void sendHome(me).then((outcome) => {
      if (!outcome.ok && !left) onFailure('Opening the Home tab', outcome);
    });
    return () => {
      left = true;
    };
  }, [me, onFailure]);
  return (
    <main className="channel" aria-label={`Home of ${app}`}>
      <header className="pane-head">
        <h2>
          {app} <span className="quiet">Home</span>
        </h2>
      </header>
      <div className="home" key={view?.id ?? 'none'}>
        {view === undefined ? (
          <p className="quiet">{app} has published nothing here yet.</p>
        ) : (
          <Blocks me={me} view={view} onFailure={onFailure} />
        )}
      </div>
    </main>
  );
};
