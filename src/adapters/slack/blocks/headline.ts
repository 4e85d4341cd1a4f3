import { alertsOverSince } from '../../../core/incident/alerts-over.ts';
import { firstTrigger } from '../../../core/incident/triggers.ts';
import type { Incident, Loaded, Remediation } from '../../../core/incident/incident.ts';
import { warningTitle } from '../../../core/incident/warning.ts';
import { isTest } from '../../../core/test-kill/test-words.ts';
import { killWords } from '../../../core/talk/kill-words.ts';
import type { Standing } from '../../../core/talk/moment.ts';
import { escapeLine, mention } from './escape.ts';

/** `:red_circle: *OOMKilled* checkout · namespace shop · cluster prod`: a colour with a word, the workload, and who is on it. mrkdwn. */
export function headline(loaded: Pick<Loaded, 'incident' | 'tally'>, standing: Standing): string {
  const { emoji, words } = badge(loaded, standing);
  const by = acknowledgedBy(loaded.incident, standing);
  const calmer = by !== null && emoji === ':red_circle:' ? ':large_orange_circle:' : emoji;
  const who = by === null ? '' : ` · ${mention(by)} is on it`;
  return `${calmer} *${words}* ${subjectLine(loaded.incident)}${who}`;
}

/** Who has acknowledged it, while there is something left to do. */
function acknowledgedBy({ acknowledged }: Incident, { moment }: Standing): string | null {
  const isOver = moment === 'held' || moment === 'overshot' || moment === 'closed';
  return acknowledged === null || isOver ? null : acknowledged.by;
}

/** `checkout · namespace shop · cluster prod`, escaped. */
function subjectLine({ subject }: Incident): string {
  const namespace = subject.namespace === null ? '' : ` · namespace ${escapeLine(subject.namespace)}`;
  return `${escapeLine(subject.workload.name)}${namespace} · cluster ${escapeLine(subject.cluster)}`;
}

function badge(
  loaded: Pick<Loaded, 'incident' | 'tally'>,
  { moment, remediation, before }: Standing,
): { readonly emoji: string; readonly words: string } {
  switch (moment) {
    case 'approved':
      return { emoji: ':large_blue_circle:', words: 'Approved' };
    case 'applying':
      return { emoji: ':large_blue_circle:', words: applyingWords(remediation) };
    case 'applied':
    case 'verifying':
      return { emoji: ':large_blue_circle:', words: 'Applied, being watched' };
    case 'held':
      return { emoji: ':large_green_circle:', words: 'Held' };
    case 'held-so-far':
      return { emoji: ':large_blue_circle:', words: 'Held so far' };
    case 'bought-time':
      return remediation?.promise?.kept === 'as-expected'
        ? { emoji: ':red_circle:', words: 'Killed again, as expected' }
        : { emoji: ':large_yellow_circle:', words: 'Bought time' };
    case 'overshot':
      return { emoji: ':large_green_circle:', words: 'Held with room to spare' };
    case 'inconclusive':
      return { emoji: ':large_yellow_circle:', words: 'Cannot tell whether it held' };
    case 'undone':
    case 'done':
      return { emoji: ':large_yellow_circle:', words: 'Undone' };
    case 'vanished':
      return { emoji: ':red_circle:', words: 'The change is gone' };
    case 'failed':
      return {
        emoji: ':red_circle:',
        words: failedWords(remediation),
      };
    case 'closed':
      return closedBadge(loaded.incident, remediation);
    case 'proposed':
      if (before?.state === 'failed' || before?.state === 'vanished')
        return badge(loaded, { moment: before.state, remediation: before, beside: null, before: null });
      return firstBadge(loaded);
    case 'announced':
    case 'explained':
    case 'requested':
    case 'rejected':
    case 'expired':
    case 'stale':
      return firstBadge(loaded);
  }
}

/** A pull request is not being applied while people have it: nothing has changed yet. */
function applyingWords(remediation: Remediation | null): string {
  const pullRequest = remediation?.pullRequest ?? null;
  if (pullRequest !== null)
    return pullRequest.merged === null ? 'Waiting for merge' : 'Merged, waiting for the rollout';
  return remediation?.plan.follows?.as === 'undo' ? 'Undoing' : 'Applying';
}

/** What happened, or is about to happen. */
function firstBadge(loaded: Pick<Loaded, 'incident' | 'tally'>): { readonly emoji: string; readonly words: string } {
  if (alertsOverSince(loaded) !== null) return { emoji: ':white_circle:', words: 'Alert resolved, not killed' };
  const first = firstTrigger(loaded);
  if (first.kind === 'ahead') return { emoji: ':large_yellow_circle:', words: warningTitle(first.warning) };
  return {
    emoji: ':red_circle:',
    words: `${isTest(first) ? 'Test: ' : ''}${first.suspect ? 'Perhaps ' : ''}${killWords[first.kind]}`,
  };
}

function closedBadge(
  { state }: Incident,
  remediation: Remediation | null,
): { readonly emoji: string; readonly words: string } {
  if (state.is === 'closed' && state.outcome === 'calmed')
    return { emoji: ':white_circle:', words: 'Calmed down, not killed' };
  switch (remediation?.state) {
    case 'held':
    case 'overshot':
      return { emoji: ':large_green_circle:', words: 'Closed, the fix held' };
    case 'held-so-far':
      return { emoji: ':white_circle:', words: 'Closed, the fix held so far' };
    case 'bought-time':
      return { emoji: ':large_yellow_circle:', words: 'Closed, time was bought' };
    default:
      return { emoji: ':white_circle:', words: 'Closed' };
  }
}

function failedWords(remediation: Remediation | null): string {
  if (!remediation?.applied) return `The ${remediation?.plan.purpose ?? 'fix'} failed`;
  return remediation.effect === 'mitigation' ? 'Killed again, earlier than expected' : 'The fix did not hold';
}
