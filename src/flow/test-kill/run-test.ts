import { Failure } from '../../core/failure.ts';
import type { TestPod } from '../../core/test-kill/test-pod.ts';
import { testDeadlineSeconds } from '../../core/test-kill/test-pod.ts';
import { testState } from '../../core/test-kill/test-state.ts';
import type { TestState } from '../../core/test-kill/test-state.ts';
import { minuteMs, secondMs } from '../../core/units/duration.ts';
import type { Wait } from '../held-lease.ts';

/** What a test does in its namespace. All throw Failures. */
export interface TestPods {
  readonly create: (pod: TestPod) => Promise<void>;
  /** The pod as the API server gives it; null where it is gone. */
  readonly read: (name: string) => Promise<unknown>;
  readonly remove: (name: string) => Promise<void>;
  /** Names of the pods of tests that were created so long ago, ms. */
  readonly olderThan: (ageMs: number) => Promise<readonly string[]>;
}

/** ms */
export interface TestPace {
  /** Between two looks at the pod. */
  readonly lookEveryMs: number;
  /** How long the pod stays after its kill: its thread's evidence is read from it. */
  readonly stayMs: number;
}

export interface TestNeeds {
  readonly pods: TestPods;
  readonly wait: Wait;
  /** Monotonic, ms. */
  readonly now: () => number;
  readonly pace: TestPace;
}

export type TestNews =
  | TestState
  | { readonly is: 'left-over'; readonly name: string }
  /** The pod stays for a moment, so that the thread can be told what happened to it. */
  | { readonly is: 'staying' }
  | { readonly is: 'removed' }
  /** The pod is still there, and why. */
  | { readonly is: 'left'; readonly failure: Failure };

export type TestEnd = Extract<TestState, { is: 'killed' | 'not-killed' }> | { readonly is: 'interrupted' };

/** Longer than the pod may run and its image may take. */
const patienceMs = testDeadlineSeconds * secondMs + minuteMs;
/** Nobody waits for a pod that old any more. */
export const leftOverMs = patienceMs + minuteMs;
const removals = 3;
/** The request may have arrived although nothing came back. */
const unsure = new Set(['cluster-slow', 'cluster-unreachable', 'cluster-failed', 'cluster-answer']);

/**
 * Makes the pod of a test, waits for its kill, and removes it: also when it is interrupted by `signal`, is not killed, or
 * something fails. What earlier tests left behind goes first. `news` gets each change.
 * @throws Failure where the pod cannot be created or looked at
 */
export async function runTest(
  pod: TestPod,
  needs: TestNeeds,
  { news, signal }: { readonly news: (news: TestNews) => void; readonly signal: AbortSignal },
): Promise<TestEnd> {
  const { pods, wait, pace } = needs;
  const { name } = pod.metadata;
  for (const old of await pods.olderThan(leftOverMs)) {
    await pods.remove(old);
    news({ is: 'left-over', name: old });
  }
  try {
    await pods.create(pod);
  } catch (error) {
    if (error instanceof Failure && unsure.has(error.code)) await removeSurely(name, needs, news);
    throw error;
  }
  try {
    const end = await follow(name, needs, { news, signal });
    if (end.is === 'killed') {
      news({ is: 'staying' });
      await wait(pace.stayMs, signal);
    }
    return end;
  } finally {
    await removeSurely(name, needs, news);
  }
}

async function follow(
  name: string,
  { pods, wait, now, pace }: TestNeeds,
  { news, signal }: { readonly news: (news: TestNews) => void; readonly signal: AbortSignal },
): Promise<TestEnd> {
  const endsAt = now() + patienceMs;
  let last: TestState = { is: 'waiting', why: 'for a node' };
  while (!signal.aborted) {
    const isLate = now() >= endsAt;
    try {
      last = testState(await pods.read(name));
      news(last);
    } catch (error) {
      // An API server that is away for a moment ends no test.
      if (!(error instanceof Failure) || error.retry === 'never' || isLate) throw error;
    }
    if (last.is === 'killed' || last.is === 'not-killed') return last;
    if (isLate) return { is: 'not-killed', why: 'late', words: lateWords(last) };
    await wait(pace.lookEveryMs, signal);
  }
  return { is: 'interrupted' };
}

function lateWords(last: TestState): string {
  const what = last.is === 'waiting' ? `it still waits ${last.why}` : 'it still runs';
  return `The pod was not killed within ${patienceMs / minuteMs} min: ${what}. Try again, or in another namespace.`;
}

async function removeSurely(name: string, { pods, wait }: TestNeeds, news: (news: TestNews) => void): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await pods.remove(name);
      news({ is: 'removed' });
      return;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.retry === 'never' || tries === removals) return news({ is: 'left', failure: error });
      await wait(secondMs);
    }
  }
}
