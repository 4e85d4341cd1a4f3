import { mostCrashes, setAsideEntry } from '../core/incident/set-aside.ts';
import { assessing, nextStep } from '../core/incident/next-step.ts';
import type { Step } from '../core/incident/next-step.ts';
import type { Loaded } from '../core/incident/incident.ts';
import { latestTrigger } from '../core/incident/triggers.ts';
import { answer } from './steps/answer.ts';
import { assess } from './steps/assess.ts';
import { begin } from './steps/begin.ts';
import { close } from './steps/close.ts';
import { confirmStep } from './steps/confirm.ts';
import { expire } from './steps/expire.ts';
import { explain } from './steps/explain.ts';
import { lookAtPullRequest } from './steps/look-at-pull-request.ts';
import { receive } from './steps/receive.ts';
import { remind } from './steps/remind.ts';
import { verifyStep } from './steps/verify.ts';
import { watch } from './steps/watch.ts';
import { write } from './steps/write.ts';
import type { After } from './after.ts';
import { extendLease } from './held-lease.ts';
import type { WorkerNeeds } from './worker-needs.ts';
import { minuteMs } from '../core/units/duration.ts';

/**
 * More steps than any incident needs at once, so that a mistake cannot loop for ever. The next hint or sweep continues.
 */
const mostSteps = 25;
/** In total longer than an advance usually takes; after that the sweep finds what is due. */
const heldTries = 20;
const heldPauseMs = 100;
/** Longer than any step: each call has a deadline of seconds, but a forge queues writes one behind another. */
const mostHeldMs = 10 * minuteMs;

/** `suspect`: a process ended in the middle of it, so the sweep advances it by itself (core/incident/set-aside.ts). */
export type Advanced = 'advanced' | 'held' | 'gone' | 'suspect' | 'set-aside';

/**
 * Takes an incident as far as it can go now, one step at a time, each from the stored state. A remediation that has to
 * wait is skipped for the rest of the round, so that the others get their turn. One worker at a time holds the lease of
 * an incident, for as long as its steps take; a worker that does not get the lease, or loses it, leaves the incident to
 * the other. Throws what a step throws: the hint is retried, and the sweep finds the incident anyway.
 */
export async function advance(incident: string, needs: WorkerNeeds, alone = false): Promise<Advanced> {
  const forMs = needs.pace.leaseMs;
  const attempt = await needs.store.take(incident, { forMs, alone });
  if (attempt.is !== 'taken') return attempt.is;
  const lease = extendLease(attempt.lease, { forMs, mostMs: mostHeldMs, wait: needs.wait });
  try {
    if (attempt.crashes >= mostCrashes) {
      // NOTE: without a look at the document, because reading it may be what ends the process.
      await attempt.lease.setAside(setAsideEntry(await needs.now()));
      needs.onSetAside();
      needs.log('error', 'incident set aside', { incident, crashes: attempt.crashes });
      await needs.hints.show(incident);
      return 'set-aside';
    }
    const waiting = new Map<string, number | null>();
    for (let taken = 0; taken < mostSteps; taken++) {
      const loaded = await needs.store.load(incident);
      if (!loaded) return 'gone';
      const step = nextStep(loaded, await needs.now(), needs.pace, new Set(waiting.keys()));
      needs.log('debug', 'step', { incident, step: step.do });
      const after = await traced(step, loaded, needs);
      if (lease.isLost()) return 'held';
      if (after.again) continue;
      const part = partOf(step);
      if (part !== null) {
        waiting.set(part, after.until);
        continue;
      }
      const times = [after.until, ...waiting.values()].filter((time) => time !== null);
      if (times.length > 0) await needs.store.postpone(incident, Math.min(...times), loaded);
      return 'advanced';
    }
    return 'advanced';
  } finally {
    await lease.release();
  }
}

/** The part of an incident that a step is about, so that the others can go on. Checking a pull request comes last anyway. */
function partOf(step: Step): string | null {
  if (step.do === 'assess') return assessing;
  return 'remediation' in step && step.do !== 'look-at-pull-request' ? step.remediation.plan.id : null;
}

/**
 * Like `advance`, but waits a little for another worker's lease: it may have read the incident before the change that
 * this hint is about.
 */
export async function advanceWhenFree(incident: string, needs: WorkerNeeds): Promise<void> {
  for (let tries = 0; tries < heldTries; tries++) {
    if ((await advance(incident, needs)) !== 'held') return;
    await needs.wait(heldPauseMs);
  }
}

/** A step as part of the trace of the kill that it is about: the latest. */
function traced(step: Step, loaded: Loaded, needs: WorkerNeeds): Promise<After> {
  if (step.do === 'wait') return take(step, loaded, needs);
  const attributes = { 'oomkeeper.incident': loaded.incident.id };
  return needs.trace({ name: step.do, of: latestTrigger(loaded), attributes }, () => take(step, loaded, needs));
}

function take(step: Step, loaded: Loaded, needs: WorkerNeeds): Promise<After> {
  switch (step.do) {
    case 'answer':
      return answer(loaded, step.request, needs);
    case 'receive':
      return receive(loaded, step.kill, needs);
    case 'explain':
      return explain(loaded, needs);
    case 'assess':
      return assess(loaded, needs);
    case 'begin':
      return begin(loaded, step.remediation, needs);
    case 'write':
      return write(loaded, step.remediation, needs);
    case 'confirm':
      return confirmStep(loaded, step.remediation, needs);
    case 'watch':
      return watch(loaded, step.remediation, needs);
    case 'verify':
      return verifyStep(loaded, step.remediation, needs);
    case 'expire':
      return expire(loaded, step.remediation, needs);
    case 'remind':
      return remind(loaded, step.remediation, needs);
    case 'close':
      return close(loaded, needs);
    case 'look-at-pull-request':
      return lookAtPullRequest(loaded, step.remediation, step.until, needs);
    case 'wait':
      return Promise.resolve({ again: false, until: step.until });
  }
}
