import { type ReactNode, useState } from 'react';
import { DiffView } from './diff-view.tsx';
import { actOnPull, type Pull, type Repository } from './forge.ts';
import { MarkdownView } from './markdown-view.tsx';

const words: Readonly<Record<Pull['state'], string>> = { open: 'Open', merged: 'Merged', closed: 'Closed' };

/** The state in a word; the colour only repeats it. */
const StateBadge = ({ state }: { readonly state: Pull['state'] }): ReactNode => (
  <span className={`badge badge-${state}`}>{words[state]}</span>
);

/** A moment in the reader's own time zone. */
const When = ({ at }: { readonly at: number }): ReactNode => (
  <time dateTime={new Date(at).toISOString()}>{new Date(at).toLocaleString()}</time>
);

const Labels = ({ of }: { readonly of: Pull }): ReactNode =>
  of.labels.map((label) => (
    <span key={label} className="label">
      {label}
    </span>
  ));

/** Repositories with their pull requests, the newest first. */
export const PullList = ({ repositories }: { readonly repositories: readonly Repository[] }): ReactNode =>
  repositories.map(({ name, pulls }) => (
    <section key={name} className="box" aria-label={name}>
      <h2 className="box-head">{name}</h2>
      {pulls.length === 0 ? (
        <p className="quiet box-body">
          No pull requests yet. Press <strong>Open pull request</strong> in a thread, and it appears here.
        </p>
      ) : (
        <ul>
          {pulls.map((pull) => (
            <li key={pull.number} className="pull-row">
              <StateBadge state={pull.state} />
              <div>
                <a className="pull-link" href={`#/${name}/pull/${pull.number}`}>
                  {pull.title}
                </a>
                <Labels of={pull} />
                <div className="quiet">
                  #{pull.number} by {pull.author}, <When at={pull.createdAt} />
                </div>
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  ));

interface Props {
  readonly repo: string;
  readonly pull: Pull;
  readonly me: string;
  /** Says why something could not be done. */
  readonly say: (text: string) => void;
}

/** One pull request: what it says, what it changes, and the two things that one can do with it. */
export const PullView = ({ me, pull, repo, say }: Props): ReactNode => (
  <>
    <nav aria-label="Where you are" className="crumbs">
      <a href="#/">All repositories</a> / {repo}
    </nav>
    <h1>
      {pull.title} <span className="quiet">#{pull.number}</span>
    </h1>
    <p className="pull-facts">
      <StateBadge state={pull.state} />
      <span>
        <strong>{pull.author}</strong> {pull.state === 'open' ? 'wants' : 'wanted'} to merge{' '}
        <code className="code">{pull.head}</code> into <code className="code">{pull.base}</code>,{' '}
        <When at={pull.createdAt} />
      </span>
      <Labels of={pull} />
      {pull.reviewers.length > 0 && <span className="quiet">Review asked of {pull.reviewers.join(', ')}</span>}
    </p>
    <article className="box" aria-label={`Description by ${pull.author}`}>
      <div className="box-body">
        <MarkdownView text={pull.body ?? ''} />
      </div>
    </article>
    <Actions repo={repo} pull={pull} me={me} say={say} />
    <DiffView files={pull.files} />
  </>
);

const Actions = ({ me, pull, repo, say }: Props): ReactNode => {
  const [running, setRunning] = useState<'merge' | 'close' | null>(null);
  const act = async (what: 'merge' | 'close'): Promise<void> => {
    if (running !== null) return;
    setRunning(what);
    const refused = await actOnPull(what, { repo, number: pull.number, user: me });
    setRunning(null);
    if (refused !== null) say(`Pull request #${pull.number} was not ${what}d: ${refused}`);
  };
  return (
    <section className={`box merge-box merge-${pull.hasConflicts ? 'blocked' : pull.state}`} aria-label="Merge">
      <output>{whatIsSo(pull)}</output>
      {pull.state === 'open' && (
        <div className="merge-buttons">
          <button
            type="button"
            className="button button-primary"
            aria-busy={running === 'merge'}
            disabled={pull.hasConflicts}
            onClick={() => void act('merge')}
          >
            Merge pull request
          </button>
          <button type="button" className="button" aria-busy={running === 'close'} onClick={() => void act('close')}>
            Close
          </button>
        </div>
      )}
    </section>
  );
};

const whatIsSo = ({ base, endedAt, endedBy, hasConflicts, state }: Pull): ReactNode => {
  if (hasConflicts) return 'It cannot be merged: the base branch changed the same lines.';
  if (state === 'open') return 'This branch has no conflicts with the base branch.';
  return (
    <>
      {state === 'merged' ? `Merged into ${base}` : 'Closed without merging'} by {endedBy}
      {endedAt !== null && (
        <>
          , <When at={endedAt} />
        </>
      )}
      .
    </>
  );
};
