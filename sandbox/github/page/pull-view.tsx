import { type ReactNode, useState } from 'react';
import { actOnPull } from './control.ts';
import { DiffView } from './diff-view.tsx';
import type { Pull, Repository } from './forge.ts';
import { Markdown } from './markdown-view.tsx';
import { hashOf } from './place.ts';
import { StateBadge } from './state-badge.tsx';
import { When } from './when.tsx';

interface Props {
  readonly repository: Repository;
  readonly pull: Pull;
  readonly me: string;
  /** Says why something could not be done. */
  readonly say: (text: string) => void;
}

/** One pull request: what it says, what it changes, and the two things that one can do with it. */
export const PullView = ({ me, pull, repository, say }: Props): ReactNode => (
  <>
    <nav aria-label="Where you are" className="crumbs">
      <a href={hashOf({ kind: 'all' })}>All repositories</a> /{' '}
      <a href={hashOf({ kind: 'repository', repo: repository.name })}>{repository.name}</a>
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
      {pull.labels.map((label) => (
        <span key={label} className="label">
          {label}
        </span>
      ))}
      {pull.reviewers.length > 0 && <span className="quiet">Review asked of {pull.reviewers.join(', ')}</span>}
    </p>
    <article className="box" aria-label={`Description by ${pull.author}`}>
      <div className="box-body">
        {pull.body === null || pull.body.trim() === '' ? (
          <p className="quiet">No description.</p>
        ) : (
          <Markdown text={pull.body} />
        )}
      </div>
    </article>
    {pull.comments.map((comment) => (
      <article key={comment.id} className="box" aria-label={`Comment by ${comment.user}`}>
        <h3 className="box-head">
          {comment.user} <span className="quiet">{<When at={comment.at} />}</span>
        </h3>
        <div className="box-body">
          <Markdown text={comment.body} />
        </div>
      </article>
    ))}
    <Actions repository={repository} pull={pull} me={me} say={say} />
    <DiffView files={pull.files} />
  </>
);

const Actions = ({ me, pull, repository, say }: Props): ReactNode => {
  const [running, setRunning] = useState<'merge' | 'close' | null>(null);
  const act = async (what: 'merge' | 'close'): Promise<void> => {
    if (running !== null) return;
    setRunning(what);
    const refused = await actOnPull(what, { repo: repository.name, number: pull.number, user: me });
    setRunning(null);
    if (refused !== null) say(`Pull request #${pull.number} was not ${what}d: ${refused}`);
  };
  const why = whyNotMergeable(repository, pull);
  return (
    <section
      className={`box merge-box merge-${pull.state === 'open' && why !== null ? 'blocked' : pull.state}`}
      aria-label="Merge"
    >
      <output>{whatIsSo(pull, why)}</output>
      {pull.state === 'open' && !repository.isArchived && (
        <div className="merge-buttons">
          <button
            type="button"
            className="button button-primary"
            aria-busy={running === 'merge'}
            disabled={why !== null}
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

const whyNotMergeable = (repository: Repository, pull: Pull): string | null => {
  if (repository.isArchived) return 'The repository was archived and is read-only.';
  if (pull.isDraft) return 'It cannot be merged: it is still a draft.';
  return pull.hasConflicts ? 'It cannot be merged: the base branch changed the same lines.' : null;
};

const whatIsSo = (pull: Pull, why: string | null): ReactNode => {
  if (pull.state === 'open') return why ?? 'This branch has no conflicts with the base branch.';
  const what = pull.state === 'merged' ? `Merged into ${pull.base}` : 'Closed without merging';
  return (
    <>
      {what}
      {pull.endedBy !== null && ` by ${pull.endedBy}`}
      {pull.endedAt !== null && (
        <>
          , <When at={pull.endedAt} />
        </>
      )}
      .
    </>
  );
};
