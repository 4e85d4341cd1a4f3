import { z } from 'zod';
import { subjectKey } from '../kill/kill.ts';
import { auditEntry, isSilentEvent } from './entry.ts';
import type { IncidentEvent } from './event.ts';
import type { Incident, Remediation } from './incident.ts';
import { resultOf, resultSchema, undoneResult } from './result.ts';
import type { Result } from './result.ts';
import { growingObject } from '../units/growing-object.ts';

/** One decision or action in the audit record: who, when (ms UTC), what, on which plan, and with what result. */
export const auditLineSchema = growingObject({
  at: z.number(),
  cluster: z.string(),
  /** Null for what is about the whole cluster. */
  incident: z.string().nullable(),
  /** `subjectKey`, or the cluster. */
  subject: z.string(),
  /** The event's name, or `refused:REASON` for a request that was refused. */
  what: z.string(),
  plan: z.string().nullable(),
  /** Id of a person; null for what Oomkeeper did automatically. */
  by: z.string().nullable(),
  /** The text that was shown in the thread or to the person. */
  text: z.string(),
  /** What a check of a change saw, for the report card; null for everything else. */
  result: resultSchema.nullable().default(null),
});
export type AuditLine = z.infer<typeof auditLineSchema>;

/** The record of events that were applied to an incident, in their order. */
export function auditLines(before: Incident, events: readonly IncidentEvent[]): AuditLine[] {
  const common = {
    cluster: before.subject.cluster,
    incident: before.id,
    subject: subjectKey(before.subject),
    result: null,
  };
  return events.flatMap((event): AuditLine[] => {
    if (event.type === 'explained' || event.type === 'assessed' || event.type === 'reminded') return [];
    if (isSilentEvent(event)) return [];
    // Observations are in the thread; the audit record is about decisions and actions.
    if (event.type === 'came' || event.type === 'alerted' || event.type === 'alert-resolved') return [];
    if (event.type === 'answered') {
      const { refused, to, at, text, people } = event;
      return refused
        ? [{ ...common, at, what: `refused:${refused.reason}`, plan: refused.plan, by: to, text: named(text, people) }]
        : [];
    }
    const plan = planOf(event);
    const remediation = before.remediations.findLast((one) => one.plan.id === plan);
    const entry = auditEntry(event, remediation);
    const text = named(entry.text, entry.people);
    const result = remediation === undefined ? null : resultBy(before, remediation, event);
    return [{ ...common, at: entry.at, what: event.type, plan, by: doneBy(event), text, result }];
  });
}

/** What an event says about how a change fared: a check's result, or that it was taken back. */
function resultBy(before: Incident, remediation: Remediation, event: IncidentEvent): Result | null {
  if (event.type === 'verified') return resultOf(before, remediation, event);
  const { follows } = remediation.plan;
  if (event.type !== 'applied' || follows?.as !== 'undo') return null;
  const undone = before.remediations.find(({ plan }) => plan.id === follows.plan);
  return undone === undefined ? null : undoneResult(before, undone, event.at);
}

function doneBy(event: IncidentEvent): string | null {
  if (event.type === 'silenced') return event.silence.by;
  return 'by' in event ? event.by : null;
}

function planOf(event: IncidentEvent): string | null {
  if (event.type === 'edited') return event.plan.id;
  return 'plan' in event && typeof event.plan === 'string' ? event.plan : null;
}

function named(text: string, people: readonly string[]): string {
  return text.replaceAll(/\{(\d+)\}/g, (whole, index: string) => people[Number(index)] ?? whole);
}
