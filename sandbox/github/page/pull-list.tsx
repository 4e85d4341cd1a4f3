import type { ReactNode } from 'react';
import type { Repository } from './forge.ts';
import { hashOf } from './place.ts';
import { StateBadge } from './state-badge.tsx';
import { When } from './when.tsx';

const Row = ({ pull, repo }: { readonly repo: string; readonly pull: Repository['pulls'][number] }): ReactNode => (
  <li className="pull-row">
    <StateBadge state={pull.state} />
    <div>
      <a className="pull-link" href={hashOf({ kind: 'pull', repo, number: pull.number })}>
        {pull.title}
      </a>
      {pull.labels.map((label) => (
        <span key={label} className="label">
          {label}
        </span>
      ))}
      <div className="quiet">
        #{pull.number} by {pull.author}, <When at={pull.createdAt} />
      </div>
    </div>
  </li>
);

/** Repositories with their pull requests, the newest first. */
export const PullList = ({ repositories }: { readonly repositories: readonly Repository[] }): ReactNode => (
  <>
    {repositories.length === 0 && <p className="empty">There are no repositories in this sandbox.</p>}
    {repositories.map((repository) => (
      <section key={repository.name} className="box" aria-label={repository.name}>
        <h2 className="box-head">
          <a href={hashOf({ kind: 'repository', repo: repository.name })}>{repository.name}</a>
          <span className="label">{repository.defaultBranch}</span>
          {repository.isProtected && <span className="label">protected: changes by pull request only</span>}
          {repository.isArchived && <span className="label">archived: read-only</span>}
        </h2>
        {repository.pulls.length === 0 ? (
          <p className="quiet box-none">
            No pull requests yet. Press <strong>Open fix PR</strong> in a thread, and it appears here.
          </p>
        ) : (
          <ul>
            {repository.pulls.map((pull) => (
              <Row key={pull.number} repo={repository.name} pull={pull} />
            ))}
          </ul>
        )}
      </section>
    ))}
  </>
);
