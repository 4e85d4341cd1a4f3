import type { IgnoredReason } from '../ignored-reason.ts';
import type { Kill } from '../kill.ts';
import { isKilledAtStart } from '../termination.ts';
import type { Termination } from '../termination.ts';

/**
 * What a status alone says; other evidence may overrule it. `unexplained` is a SIGKILL without a reason, or (`self`)
 * the exit code with which some runtimes give up when memory is short; `weak` if it mostly means something else.
 */
export type Reading =
  | { readonly is: 'kill'; readonly kind: Kill['kind'] }
  | { readonly is: 'ignored'; readonly reason: IgnoredReason }
  | { readonly is: 'unexplained'; readonly kind: 'container' | 'self'; readonly weak: boolean }
  | { readonly is: 'nothing' };

const SIGKILL = 137;
/** Node aborts (134; 139 as PID 1), the JVM leaves with 3 under ExitOnOutOfMemoryError. */
const GAVE_UP = new Set([134, 139, 3]);
/** Go ends with 2, Python's MemoryError with 1, and so does nearly every other failure. */
const MAY_HAVE_GIVEN_UP = new Set([1, 2]);

/** The kubelet writes these with exit code 137 and without ever having seen the process end. */
const INVENTED = new Set(['ContainerStatusUnknown', 'RestartingAllContainers']);

/** Reasons of a container that the runtime could not start; with any other, the message is the application's own. */
const START_FAILED = new Set(['StartError', 'ContainerCannotRun', 'RunContainerError', 'CreateContainerError']);

/**
 * `siblingKilled`: the pod's limit killed a sibling while this container ran; then all of them read `OOMKilled` when they
 * end (recorded). The reason is sticky: with an exit code of the process's own it is left from an earlier kill
 * (k/k#140716, k/k#131530).
 */
export function firstReading(termination: Termination, siblingKilled: boolean): Reading {
  const { reason, exitCode } = termination;
  if (reason === 'OOMKilled') return readOomKilled(exitCode, siblingKilled);
  if (hasFailedToStart(termination) && isKilledAtStart(termination.message)) return { is: 'kill', kind: 'start' };
  if (GAVE_UP.has(exitCode)) return { is: 'unexplained', kind: 'self', weak: false };
  if (MAY_HAVE_GIVEN_UP.has(exitCode)) return { is: 'unexplained', kind: 'self', weak: true };
  if (exitCode !== SIGKILL) return { is: 'nothing' };
  if (isInvented(termination)) return { is: 'ignored', reason: 'invented-status' };
  return { is: 'unexplained', kind: 'container', weak: false };
}

function readOomKilled(exitCode: number, siblingKilled: boolean): Reading {
  switch (exitCode) {
    case SIGKILL:
      return { is: 'kill', kind: 'container' };
    case 0:
    case 143:
      // It ended well, or was asked to: the reason is left from a process that was killed earlier in this run.
      return { is: 'ignored', reason: 'sticky-reason' };
    case 128:
      return { is: 'kill', kind: 'start' };
    default:
      return siblingKilled ? { is: 'ignored', reason: 'sticky-reason' } : { is: 'kill', kind: 'child-process' };
  }
}

function hasFailedToStart({ reason, exitCode }: Termination): boolean {
  return exitCode === 128 || (reason !== null && START_FAILED.has(reason));
}

function isInvented({ reason, containerId, finishedAt }: Termination): boolean {
  return (reason !== null && INVENTED.has(reason)) || (containerId === null && finishedAt === null);
}
