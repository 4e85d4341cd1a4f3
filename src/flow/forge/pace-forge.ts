import { Failure } from '../../core/failure.ts';
import type { ManifestEdit, MergedEdit } from '../../core/remediate/edit/manifest-edit.ts';
import type { SourceChange } from '../../core/notify/impact.ts';
import { createRecent } from '../../core/units/recent.ts';
import { formatSource } from '../../core/remediate/source.ts';
import type { Source } from '../../core/remediate/source.ts';
import type { Forge, PacedForge, Preview, PullRequest } from './needs.ts';
import { minuteMs } from '../../core/units/duration.ts';

/*
 * A forge limits requests to thousands an hour for everybody together, and each kill makes a worker check its incident.
 * So recent answers are reused, and while the forge's rate limit is exhausted nothing is sent. All of this is kept in
 * memory: losing it costs a few requests.
 */
export interface ForgePacing {
  /** Between two checks of the same pull request, ms. */
  readonly checkEveryMs: number;
  /** ms UTC */
  readonly now: () => number;
}

/** A file that could not be edited is read again after this, in case somebody has fixed it. */
const previewForMs = 5 * minuteMs;
/** How many of the newest previews and checks are remembered. */
const mostKept = 500;

type Outcome =
  | { readonly is: 'seen'; readonly preview: Preview }
  | { readonly is: 'refused'; readonly failure: Failure };

/** The same forge, asked less often. A check that comes too soon is answered with how long to wait, ms. */
export function paceForge(forge: Forge, { checkEveryMs, now }: ForgePacing): PacedForge {
  const previews = createRecent<{ readonly at: number; readonly outcome: Outcome }>(mostKept);
  const looks = createRecent<number>(mostKept);
  /** What was changed before a time in the past stays so. */
  const changes = createRecent<{ readonly change: SourceChange | null }>(mostKept);
  /** By owner, because each installation of an App has its own limit: until when to wait, and the reason. */
  const closed = new Map<string, { readonly until: number; readonly failure: Failure }>();

  async function ask<T>({ owner }: Source, send: () => Promise<T>): Promise<T> {
    const limit = closed.get(owner);
    const left = (limit?.until ?? 0) - now();
    if (limit && left > 0)
      throw new Failure(limit.failure.code, limit.failure.message, { retry: { afterMs: left }, cause: limit.failure });
    closed.delete(owner);
    try {
      return await send();
    } catch (error) {
      if (error instanceof Failure && typeof error.retry === 'object')
        closed.set(owner, { until: now() + error.retry.afterMs, failure: error });
      throw error;
    }
  }

  async function preview(source: Source, edit: ManifestEdit, undoes?: MergedEdit): Promise<Preview> {
    const key = JSON.stringify([formatSource(source), edit, undoes]);
    const known = previews.get(key);
    if (known && now() - known.at < previewForMs) return found(known.outcome);
    const outcome = await ask(source, () => forge.preview(source, edit, undoes)).then(
      (seen): Outcome => ({ is: 'seen', preview: seen }),
      (error: unknown): Outcome => {
        if (!(error instanceof Failure) || error.retry !== 'never') throw error;
        return { is: 'refused', failure: error };
      },
    );
    previews.set(key, { at: now(), outcome });
    return found(outcome);
  }

  async function look(source: Source, number: number): Promise<PullRequest | { state: 'too-soon'; againInMs: number }> {
    const key = `${source.owner}/${source.repo}#${number}`;
    const againInMs = (looks.get(key) ?? -Infinity) + checkEveryMs - now();
    if (againInMs > 0) return { state: 'too-soon', againInMs };
    looks.set(key, now());
    return ask(source, () => forge.look(source, number));
  }

  async function lastChange(source: Source, before: number): Promise<SourceChange | null> {
    const key = JSON.stringify([formatSource(source), before]);
    const known = changes.get(key);
    if (known !== undefined) return known.change;
    const change = await ask(source, () => forge.lastChange(source, before));
    changes.set(key, { change });
    return change;
  }

  return {
    preview,
    look,
    lastChange,
    propose: (proposal) => ask(proposal.source, () => forge.propose(proposal)),
  };
}

function found(outcome: Outcome): Preview {
  if (outcome.is === 'refused') throw outcome.failure;
  return outcome.preview;
}
