import { z } from 'zod';
import { killedAtMs, subjectSchema } from '../kill/kill.ts';
import { destinationOf, type Plan } from '../remediate/plan.ts';
import type { Outcome } from '../verify/check.ts';
import type { RemediationEvent } from './event.ts';
import type { Incident, Remediation } from './incident.ts';
import { growingObject } from '../units/growing-object.ts';

/** In what ways something is fixed, as the report card tells them apart. */
export const fixKinds = ['raise-limit', 'set-heap', 'roll-back', 'pull-request'] as const;
export type FixKind = (typeof fixKinds)[number];

const outcomes = [
  ...(['held', 'failed', 'vanished', 'overshot', 'inconclusive'] as const satisfies readonly Outcome[]),
  'undone',
] as const;

/**
 * What came of one change, as a check saw it. A later check of the same plan replaces it. Times are ms UTC, sizes
 * bytes.
 */
export const resultSchema = growingObject({
  at: z.number(),
  incident: z.string(),
  subject: subjectSchema,
  plan: z.string(),
  kind: z.enum(fixKinds),
  purpose: z.enum(['fix', 'mitigation']),
  outcome: z.enum(outcomes),
  /** The kill that opened the incident; null where a warning did. */
  killedAt: z.number().nullable(),
  approvedAt: z.number().nullable(),
  appliedAt: z.number().nullable(),
  limitBytes: z.number().nullable(),
  /** How much of the limit was never used; null where nobody measured it. */
  spareBytes: z.number().nullable(),
});
export type Result = z.infer<typeof resultSchema>;

type Verified = Extract<RemediationEvent, { type: 'verified' }>;

/** The record of a check; null while it is too early for a result. `remediation` is as it was before the event. */
export function resultOf(incident: Incident, remediation: Remediation, event: Verified): Result | null {
  const outcome = counted(event);
  if (outcome === null) return null;
  const { limitBytes } = remediation.plan.to;
  const spareBytes = limitBytes === null || event.mostBytes === null ? null : Math.max(0, limitBytes - event.mostBytes);
  return { ...whatOf(incident, remediation), at: event.at, outcome, spareBytes };
}

function whatOf(
  { id, subject, trigger }: Incident,
  { plan, approved, applied, effect }: Remediation,
): Omit<Result, 'at' | 'outcome' | 'spareBytes'> {
  return {
    incident: id,
    subject,
    plan: plan.id,
    kind: fixKindOf(plan),
    purpose: effect,
    killedAt: trigger.kind === 'ahead' ? null : killedAtMs(trigger),
    approvedAt: approved?.at ?? null,
    appliedAt: applied?.at ?? null,
    limitBytes: plan.to.limitBytes,
  };
}

/** The record of a change that somebody has taken back, which replaces what its checks said. */
export function undoneResult(incident: Incident, remediation: Remediation, at: number): Result {
  return { ...whatOf(incident, remediation), at, outcome: 'undone', spareBytes: null };
}

/** What a check counts as. Time that was bought counts once it is known whether that was as much as was promised. */
function counted({ outcome, promise }: Verified): Result['outcome'] | null {
  switch (outcome) {
    case 'watching':
      return null;
    case 'bought-time':
      return promise === null || promise.kept === null ? null : 'held';
    case 'held-so-far':
    case 'not-measured':
      return 'inconclusive';
    case 'held':
    case 'overshot':
    case 'failed':
    case 'vanished':
    case 'inconclusive':
      return outcome;
  }
}

function fixKindOf(plan: Plan): FixKind {
  return destinationOf(plan) === 'forge' ? 'pull-request' : plan.kind;
}
