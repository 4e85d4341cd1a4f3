import type { IgnoredReason } from './ignored-reason.ts';
import type { Kill } from './kill.ts';
import type { Termination } from './termination.ts';

/** What a status says by itself; other evidence may overrule it. `unexplained` is a SIGKILL by nobody known. */
export type Reading =
  | { readonly is: 'kill'; readonly kind: Kill['kind'] }
  | { readonly is: 'ignored'; readonly reason: IgnoredReason }
  | { readonly is: 'unexplained' }
  | { readonly is: 'nothing' };

const SIGKILL = 137;

/** The kubelet writes these with exit code 137 and without ever having seen the process end. */
const INVENTED = new Set(['ContainerStatusUnknown', 'RestartingAllContainers']);

/** Reasons of a container that the runtime could not start; with any other, the message is the application's own. */
const START_FAILED = new Set(['StartError', 'ContainerCannotRun', 'RunContainerError', 'CreateContainerError']);

/** runc: `container init was OOM-killed (memory limit too low?)`; crun: `OOM: the memory limit could be too low`. */
const KILLED_AT_START = /OOM-killed|memory limit (?:could be )?too low/i;

/**
 * `markedBySibling`: the pod's limit killed a sibling while this container ran, which marks all of them (recorded).
 * Source of the table: domain.md section 1.
 */
export function firstReading(termination: Termination, markedBySibling: boolean): Reading {
  const { reason, exitCode } = termination;
  if (reason === 'OOMKilled') return readMark(exitCode, markedBySibling);
  if (isKilledAtStart(termination)) return { is: 'kill', kind: 'start' };
  if (exitCode !== SIGKILL) return { is: 'nothing' };
  return isInvented(termination) ? { is: 'ignored', reason: 'invented-status' } : { is: 'unexplained' };
}

function readMark(exitCode: number, markedBySibling: boolean): Reading {
  switch (exitCode) {
    case SIGKILL:
      return { is: 'kill', kind: 'container' };
    case 0:
    case 143:
      // It ended well, or was asked to: the mark is left from a process that was killed earlier in its life.
      return { is: 'ignored', reason: 'sticky-reason' };
    case 128:
      return { is: 'kill', kind: 'start' };
    default:
      return markedBySibling ? { is: 'ignored', reason: 'sticky-reason' } : { is: 'kill', kind: 'child-process' };
  }
}

function isKilledAtStart({ reason, exitCode, message }: Termination): boolean {
  const failedToStart = exitCode === 128 || (reason !== null && START_FAILED.has(reason));
  return failedToStart && message !== null && KILLED_AT_START.test(message);
}

function isInvented({ reason, containerId, finishedAt }: Termination): boolean {
  return (reason !== null && INVENTED.has(reason)) || (containerId === null && finishedAt === null);
}
