import { useEffect, type ReactNode } from 'react';
import { BlockView } from './blocks/block.tsx';
import { sendHomeAct, sendHomeOpen, type Outcome } from './control.ts';
import { SendContext, usePage } from './scope.ts';
import { homeOf, type Workspace } from './workspace.ts';

interface Props {
  readonly workspace: Workspace;
  readonly me: string;
  readonly onFailure: (what: string, outcome: Extract<Outcome, { ok: false }>) => void;
}

/** The app's Home tab, which it fills for each person; give it the person as key: opening it tells the app who came. */
export const HomeView = ({ workspace, me, onFailure }: Props): ReactNode => {
  const { botName } = usePage();
  const blocks = homeOf(workspace, me);
  useEffect(() => {
    void sendHomeOpen(me).then((outcome) => outcome.ok || onFailure('Opening the Home tab', outcome));
  }, [me, onFailure]);

  return (
    <main className="channel" aria-label={`Home of ${botName}`}>
      <header className="pane-head">
        <h2>{botName}</h2>
      </header>
      <section className="home" aria-label="Home" aria-live="polite">
        {blocks === undefined && <p className="empty">The app has not put anything here yet.</p>}
        <SendContext
          value={async (blockId, { actionId, value }) => {
            const outcome = await sendHomeAct({ user: me, action_id: actionId, block_id: blockId, value });
            if (!outcome.ok) onFailure('The click', outcome);
          }}
        >
          {blocks?.map((block, place) => (
            <BlockView key={block.block_id ?? place} block={block} />
          ))}
        </SendContext>
      </section>
    </main>
  );
};
