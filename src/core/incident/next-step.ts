import type { Incident, Loaded, Remediation, Request } from './incident.ts';
import { killedAtMs } from '../kill/kill.ts';
import { quietAfterMs } from './quiet-close.ts';
import { liveRemediation } from './transition.ts';

/*
 * What the worker does next with an incident: a pure function of what is stored and the time. In this order, the
 * first that applies:
 *
 *   somebody asked for something                        -> answer
 *   closed                                              -> wait for ever
 *   never explained                                     -> explain
 *   approved / applying / written / applied             -> begin / write / confirm / watch
 *   verifying, and its time has come or it was killed   -> verify
 *   requested, and its time is over                     -> expire
 *   killed again since it was explained                 -> explain (at most once per `explainAgainMs`)
 *   its plan has expired or is stale                    -> explain (the same), to propose a new one
 *   verdict open, evidence may have arrived meanwhile   -> explain (once, `settleMs` after the first)
 *   explained long ago                                  -> explain (every `refreshMs`; sees a deleted workload)
 *   quiet for long enough, nothing under way            -> close
 *   else                                                -> wait until the earliest of these
 */
export type Step =
  | { readonly do: 'answer'; readonly request: Request }
  | { readonly do: 'explain' }
  | { readonly do: 'begin'; readonly remediation: Remediation }
  | { readonly do: 'write'; readonly remediation: Remediation }
  | { readonly do: 'confirm'; readonly remediation: Remediation }
  | { readonly do: 'watch'; readonly remediation: Remediation }
  | { readonly do: 'verify'; readonly remediation: Remediation }
  | { readonly do: 'expire'; readonly remediation: Remediation }
  | { readonly do: 'close' }
  | { readonly do: 'wait'; readonly until: number | null };

/** All ms. */
export interface Pace {
  readonly explainAgainMs: number;
  /** An open verdict is looked at once more this long after the first look: scrapes lag behind kills. */
  readonly settleMs: number;
  readonly refreshMs: number;
}

/** `now` is ms UTC by the store's clock. */
export function nextStep(loaded: Loaded, now: number, pace: Pace): Step {
  const { incident, requests } = loaded;
  const [request] = requests;
  if (request) return { do: 'answer', request };
  if (incident.state.is === 'closed') return { do: 'wait', until: null };
  if (!incident.explained) return { do: 'explain' };
  const remediation = liveRemediation(incident);
  const underWay = remediation ? remediationStep(loaded, remediation, now) : null;
  if (underWay) return underWay;
  const explainAt = nextExplanation(loaded, incident.explained, remediation, pace);
  if (explainAt !== null && explainAt <= now) return { do: 'explain' };
  const closeAt = remediation && remediation.state !== 'proposed' ? null : quietAt(loaded);
  if (closeAt !== null && closeAt <= now) return { do: 'close' };
  const times = [explainAt, closeAt, remediation?.verifyAt ?? null, waitsForApproval(remediation)];
  return { do: 'wait', until: Math.min(...times.filter((time) => time !== null)) };
}

/** What has held needs no new explanation until somebody is killed again. */
function heldSinceLastKill({ remediations }: Incident, tally: Loaded['tally']): boolean {
  const last = remediations.at(-1);
  if (last?.state !== 'held' && last?.state !== 'overshot') return false;
  const appliedAt = last.applied?.at ?? 0;
  return tally.recent.every((kill) => kill.seenAt <= appliedAt);
}

/** The plan that was explained last has lapsed, and a new look may propose another. False where nothing could be. */
function wantsNewPlan({ remediations }: Incident, { noPlan }: NonNullable<Incident['explained']>): boolean {
  const state = remediations.at(-1)?.state;
  return noPlan === null && (state === 'expired' || state === 'stale');
}

/** Kills since the change was sent that count against it: the limit in force was the plan's. */
export function killsAgainst(loaded: Loaded, remediation: Remediation): number {
  const since = remediation.writtenAt ?? remediation.applied?.at ?? remediation.applyingSince;
  if (since === null) return 0;
  const limit = remediation.plan.to.limitBytes;
  return loaded.tally.recent.filter(
    (kill) => kill.seenAt >= since && (kill.limitInForceBytes ?? kill.limitBytes) === limit,
  ).length;
}

function remediationStep(loaded: Loaded, remediation: Remediation, now: number): Step | null {
  switch (remediation.state) {
    case 'approved':
      return { do: 'begin', remediation };
    case 'applying':
      return { do: remediation.writtenAt === null ? 'write' : 'confirm', remediation };
    case 'applied':
      return { do: 'watch', remediation };
    case 'verifying':
      return now >= (remediation.verifyAt ?? 0) || killsAgainst(loaded, remediation) > 0
        ? { do: 'verify', remediation }
        : null;
    case 'requested':
      return now >= (remediation.expiresAt ?? 0) ? { do: 'expire', remediation } : null;
    default:
      return null;
  }
}

function nextExplanation(
  { tally, incident }: Loaded,
  explained: NonNullable<Incident['explained']>,
  remediation: Remediation | null,
  pace: Pace,
): number | null {
  if (remediation && remediation.state !== 'proposed' && remediation.state !== 'requested') return null;
  if (heldSinceLastKill(incident, tally)) return null;
  if (tally.count > explained.kills || wantsNewPlan(incident, explained)) return explained.at + pace.explainAgainMs;
  const open = explained.diagnosis.hypotheses[0]?.cause === 'inconclusive';
  const early = explained.at < incident.openedAt + pace.settleMs;
  return explained.at + (open && early ? pace.settleMs : pace.refreshMs);
}

function quietAt({ tally }: Loaded): number {
  return tally.lastAt + quietAfterMs(tally.recent.map(killedAtMs));
}

function waitsForApproval(remediation: Remediation | null): number | null {
  return remediation?.state === 'requested' ? remediation.expiresAt : null;
}
