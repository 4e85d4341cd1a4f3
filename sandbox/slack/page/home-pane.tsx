import { useEffect, type ReactNode } from 'react';
import { sendHome, type Outcome } from './control.ts';
import { useViewForm } from './use-form.ts';
import { ViewBlocks } from './view-blocks.tsx';
import type { View } from './workspace.ts';

interface Props {
  readonly app: string;
  readonly me: string;
  readonly view: View | undefined;
  readonly onFailure: (what: string, outcome: Extract<Outcome, { ok: false }>) => void;
}

const Published = ({ me, view, onFailure }: Pick<Props, 'me' | 'onFailure'> & { readonly view: View }): ReactNode => {
  const { form } = useViewForm(view, me, (outcome) => onFailure('The Home tab', outcome));
  return <ViewBlocks view={view} form={form} me={me} onFailure={onFailure} />;
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
          <Published me={me} view={view} onFailure={onFailure} />
        )}
      </div>
    </main>
  );
};
