import { nextStep } from '../core/incident/next-step.ts';
import type { Step } from '../core/incident/next-step.ts';
import type { Loaded, Remediation } from '../core/incident/incident.ts';
import { answer } from './steps/answer.ts';
import { begin } from './steps/begin.ts';
import { close } from './steps/close.ts';
import { confirmStep } from './steps/confirm.ts';
import { expire } from './steps/expire.ts';
import { explain } from './steps/explain.ts';
import { lookAtPullRequest } from './steps/look-at-pull-request.ts';
import { receive } from './steps/receive.ts';
import { verifyStep } from './steps/verify.ts';
import { watch } from './steps/watch.ts';
import { write } from './steps/write.ts';
import type { After } from './after.ts';
import { extendLease } from './held-lease.ts';
import type { WorkerNeeds } from './worker-needs.ts';
import { minuteMs } from '../core/units/duration.ts';

/** More than any incident needs at once: a wrong table must not loop for ever. The next hint or sweep continues. */
const mostSteps = 25;
/** Together longer than an advance usually takes; after that the sweep finds what is due. */
const heldTries = 20;
const heldPauseMs = 100;
/** Each call of a step has a deadline of seconds, and a forge makes its writes wait for each other: this is longer. */
const mostHeldMs = 10 * minuteMs;

/**
 * Takes an incident as far as it can go now, one step at a time, each from what is stored. A remediation whose step has
 * to wait is held back for the rest of the round, so that the others have their turn. One worker at a time holds
 * an incident, for as long as its steps take; whoever finds it held, or has lost it, leaves it to the other. Throws what
 * a step throws: the hint is tried again, and the sweep finds the incident anyway.
 */
export async function advance(incident: string, needs: WorkerNeeds): Promise<'advanced' | 'held' | 'gone'> {
  const free = await needs.store.lease(incident, needs.pace.leaseMs);
  if (!free) return 'held';
  const lease = extendLease(free, { forMs: needs.pace.leaseMs, mostMs: mostHeldMs, wait: needs.wait });
  try {
    const waiting = new Map<string, number | null>();
    for (let taken = 0; taken < mostSteps; taken++) {
      const loaded = await needs.store.load(incident);
      if (!loaded) return 'gone';
      const step = nextStep(loaded, await needs.now(), needs.pace, new Set(waiting.keys()));
      needs.log('debug', 'step', { incident, step: step.do });
      const after = await take(step, loaded, needs);
      if (lease.isLost()) return 'held';
      if (after.again) continue;
      if (isOfOne(step)) {
        waiting.set(step.remediation.plan.id, after.until);
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

/** A step about one remediation, beside which others may go on. A look at a pull request comes last anyway. */
function isOfOne(step: Step): step is Extract<Step, { readonly remediation: Remediation }> {
  return 'remediation' in step && step.do !== 'look-at-pull-request';
}

/** As `advance`, but waits a little for whoever holds it: what the hint is about may have come after their look. */
export async function advanceWhenFree(incident: string, needs: WorkerNeeds): Promise<void> {
  for (let tries = 0; tries < heldTries; tries++) {
    if ((await advance(incident, needs)) !== 'held') return;
    await needs.wait(heldPauseMs);
  }
}

function take(step: Step, loaded: Loaded, needs: WorkerNeeds): Promise<After> {
  switch (step.do) {
    case 'answer':
      return answer(loaded, step.request, needs);
    case 'receive':
      return receive(loaded, step.kill, needs);
    case 'explain':
      return explain(loaded, needs);
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
    case 'close':
      return close(loaded, needs);
    case 'look-at-pull-request':
      return lookAtPullRequest(loaded, step.remediation, step.until, needs);
    case 'wait':
      return Promise.resolve({ again: false, until: step.until });
  }
}
