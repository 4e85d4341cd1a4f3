import type { RemediationEvent } from './event.ts';
import type { Remediation } from './incident.ts';

/** What an event makes of a remediation in whose state it is allowed (transition.ts). */
export function remediationAfter(before: Remediation, event: RemediationEvent): Remediation {
  switch (event.type) {
    case 'requested':
      return {
        ...before,
        state: 'requested',
        requested: { by: event.by, at: event.at },
        expiresAt: event.expiresAt,
        remindAt: halfway(event.at, event.expiresAt),
        secondPerson: event.secondPerson,
        approvers: [...event.approvers],
        approvals: [...event.approvals],
      };
    case 'half-approved':
      return {
        ...before,
        secondPerson: true,
        remindAt: before.expiresAt === null ? null : halfway(event.at, before.expiresAt),
        approvers: [...event.approvers],
        approvals: [...event.approvals],
      };
    case 'reminded':
      return { ...before, remindAt: null };
    case 'approved': {
      const approved = { by: event.by, at: event.at };
      return {
        ...before,
        state: 'approved',
        requested: before.requested ?? approved,
        approved,
        approvals: [...event.approvals],
      };
    }
    case 'rejected':
      return { ...before, state: 'rejected', rejected: { by: event.by, at: event.at, reason: event.reason } };
    case 'expired':
      return { ...before, state: 'expired', expiresAt: event.at, note: event.why };
    case 'stale':
      return { ...before, state: 'stale', note: event.why };
    case 'applying':
      return { ...before, state: 'applying', means: event.means, applyingSince: event.at };
    case 'wrote':
      return { ...before, writtenAt: event.at };
    case 'pull-request-opened':
      return { ...before, writtenAt: event.at, pullRequest: { number: event.number, url: event.url, merged: null } };
    case 'pull-request-merged':
      return {
        ...before,
        pullRequest: before.pullRequest && { ...before.pullRequest, merged: { by: event.login, at: event.mergedAt } },
      };
    case 'pull-request-closed':
      return { ...before, state: 'rejected', note: 'the pull request was closed without being merged' };
    case 'fell-back':
      return { ...before, means: event.means, applyingSince: event.at, writtenAt: null, note: event.why };
    case 'applied':
      return {
        ...before,
        state: before.plan.follows === null ? 'applied' : 'done',
        applied: { at: event.at, seen: event.seen },
        temporary: event.temporary ?? false,
      };
    case 'watched':
      return {
        ...before,
        state: 'verifying',
        verifyAt: event.verifyAt,
        effect: event.effect,
        watch: event.watch,
        looked: { at: event.at, kills: event.kills },
      };
    case 'verified':
      return checked(before, event);
    case 'looked':
      return {
        ...before,
        looked: { at: event.at, kills: event.kills },
        temporary: before.temporary && event.lasting !== true,
      };
    case 'failed':
      return { ...before, state: 'failed', note: event.why };
  }
}

/** When half of the time that is left has passed. All ms UTC. */
function halfway(from: number, to: number): number {
  return Math.round((from + to) / 2);
}

/** More checks than a week has, unless kills make for more. */
const mostChecks = 20;

function checked(before: Remediation, event: Extract<RemediationEvent, { type: 'verified' }>): Remediation {
  const { at, outcome, seen, mostBytes, enoughBytes, kills, promise, verifyAt } = event;
  const check = { at, outcome, seen, mostBytes, enoughBytes };
  return {
    ...before,
    state: outcome === 'watching' ? 'verifying' : outcome === 'not-measured' ? 'held-so-far' : outcome,
    note: seen,
    checks: [...before.checks, check].slice(-mostChecks),
    looked: { at, kills },
    // What is gone is not temporary any more either.
    temporary: before.temporary && event.lasting !== true && outcome !== 'vanished' && outcome !== 'failed',
    promise,
    verifyAt,
  };
}
