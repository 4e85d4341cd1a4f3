import { z } from 'zod';
import { diagnosisSchema } from '../diagnose/diagnosis.ts';
import { evidenceLineSchema } from '../evidence/evidence.ts';
import { toldSchema } from '../evidence/told.ts';
import { killSchema, subjectSchema } from '../kill/kill.ts';
import { atRiskShape } from '../kill/trigger.ts';
import { valueBoundsSchema } from '../recommend/judge-value.ts';
import { impactSchema, notifiedSchema } from '../notify/impact.ts';
import { recommendationSchema } from '../recommend/recommendation.ts';
import { meansSchema, planSchema } from '../remediate/plan.ts';
import { checkSchema, promiseSchema, watchSchema } from '../verify/check.ts';
import { alertSchema, warningSchema } from './warning.ts';
import { growingObject } from '../units/growing-object.ts';

/** Who did it: an id of the chat. */
const doneSchema = growingObject({ by: z.string(), at: z.number() });

/** An approval: who clicked and when, and the groups that they were in then. */
export const approvalSchema = doneSchema.extend({ groups: z.array(z.string()).default([]) });
export type Approval = z.infer<typeof approvalSchema>;

/** States of one remediation; core/incident/transition.ts has the table. */
export const remediationStates = [
  'proposed',
  'requested',
  'approved',
  'applying',
  'applied',
  'verifying',
  'held',
  'held-so-far',
  'bought-time',
  'failed',
  'vanished',
  'overshot',
  'inconclusive',
  'rejected',
  'expired',
  'stale',
  'undone',
  'done',
] as const;
export type RemediationState = (typeof remediationStates)[number];

export const remediationSchema = growingObject({
  plan: planSchema,
  state: z.enum(remediationStates),
  requested: doneSchema.nullable(),
  /** ms UTC until when a request may be approved. */
  expiresAt: z.number().nullable(),
  /** ms UTC when those who may approve a request are reminded; null when they were, or there is no request. */
  remindAt: z.number().nullable().default(null),
  approved: doneSchema.nullable(),
  /** Everybody who has approved it, in order: two people where policy wants two. */
  approvals: z.array(approvalSchema).default([]),
  /** `reason`: what the person wrote about it. */
  rejected: doneSchema.extend({ reason: z.string().default('') }).nullable(),
  /** Which of the plan's means is under way or was used, and since when (ms UTC). */
  means: meansSchema.nullable(),
  applyingSince: z.number().nullable(),
  /** ms UTC when the API server took the write; null = it may or may not have been sent. */
  writtenAt: z.number().nullable(),
  /** ms UTC when the change was seen in the cluster, and what was seen. */
  applied: growingObject({ at: z.number(), seen: z.string() }).nullable(),
  /** ms UTC when it is checked next; null = not any more. */
  verifyAt: z.number().nullable(),
  /** Whether it was to end the kills or to buy time; decided when it was seen, by plan and verdict, and kept. */
  effect: z.enum(['fix', 'mitigation']).default('fix'),
  /** Of a fix: how long it is watched, and why. */
  watch: watchSchema.nullable().default(null),
  /** Of a mitigation: when the next kill is expected. */
  promise: promiseSchema.nullable().default(null),
  /** All checks so far, oldest first. */
  checks: z.array(checkSchema).default([]),
  /** When it was looked at last (ms UTC), and how many kills there were then (`Tally.count`). */
  looked: growingObject({ at: z.number(), kills: z.number().int() }).nullable().default(null),
  /** The pull request, once it was seen. Times are ms UTC; `by` is a login of the forge. */
  pullRequest: growingObject({
    number: z.number().int(),
    url: z.string(),
    merged: growingObject({ by: z.string().nullable(), at: z.number() }).nullable(),
  })
    .nullable()
    .default(null),
  /** Whether policy requires that it is approved by somebody other than the requester. */
  secondPerson: z.boolean().default(false),
  /** Ids of the people and groups who may approve it, as policy said when it was asked for. */
  approvers: z.array(z.string()).default([]),
  /** Why it ended as it did, or why a means was given up. */
  note: z.string().nullable(),
  /** Whether only the running pods have it, so that the next rollout undoes it. */
  temporary: z.boolean().default(false),
  /** ms UTC since when it waits for nothing any more. */
  endedAt: z.number().nullable().default(null),
});
export type Remediation = z.infer<typeof remediationSchema>;

/** Nothing new is posted about an incident until then (ms UTC); who asked for that, and for how much. */
export const silenceSchema = growingObject({
  /** `incident` ends with it; `workload` covers later incidents of the same subject too. */
  scope: z.enum(['incident', 'workload']),
  by: z.string(),
  at: z.number(),
  until: z.number(),
  /** What the person wrote about it. */
  reason: z.string().optional(),
});
export type Silence = z.infer<typeof silenceSchema>;

/** A warning and what it is about. It is not counted: only an incident's tally knows how many kills there were. */
const warnedShape = { ...atRiskShape, warning: warningSchema };
const warnedSchema: z.ZodType<z.infer<z.ZodObject<typeof warnedShape>>> = z.looseObject(warnedShape);
export type Warned = z.infer<typeof warnedSchema>;

/** The document of one incident. Times are ms UTC. Kill counters lie beside it (`Tally`), outside its version. */
export const incidentSchema = growingObject({
  id: z.string(),
  version: z.number().int(),
  subject: subjectSchema,
  /** Mode of the worker that speaks for this cluster: what the buttons may promise. */
  mode: z.enum(['observe', 'act']),
  state: z.discriminatedUnion('is', [
    growingObject({ is: z.literal('open') }),
    growingObject({ is: z.literal('closed'), outcome: z.enum(['quiet', 'gone', 'calmed']), at: z.number() }),
  ]),
  openedAt: z.number(),
  /** What opened it: a kill, or a warning that its kill will replace. */
  trigger: z.union([killSchema, warnedSchema]),
  /** Alerts about its subject, oldest first: those that still fire, and the latest that ended. */
  alerts: z.array(alertSchema).default([]),
  /** The closed incident of the same subject before this one. */
  previous: z.string().nullable(),
  explained: growingObject({
    at: z.number(),
    /** `Tally.count` when it was explained. */
    kills: z.number().int(),
    diagnosis: diagnosisSchema,
    evidence: z.array(evidenceLineSchema),
    recommendation: recommendationSchema,
    /** Last sample before the latest kill, for the headline. */
    lastSample: growingObject({ bytes: z.number(), beforeKillMs: z.number() }).nullable(),
    /** Why there is a recommendation but no plan; null when there is a plan or nothing to do. */
    noPlan: z.string().nullable(),
    /** Why the roll back that is recommended is not offered. */
    noRollBack: z.string().nullable().default(null),
    /** Why there is no pull request although a source is named; null where there is one, or no source. */
    noPullRequest: z.string().nullable().default(null),
    /** Bounds by which a person's own value is judged; null if the cluster could not be read. */
    bounds: valueBoundsSchema.nullable().default(null),
    /** Id of the stored series of usage that the chart is drawn from; null where there is nothing to draw. */
    chart: z.string().nullable().default(null),
    /** What the thread was told of the evidence; null in documents of before. */
    told: toldSchema.nullable().default(null),
  }).nullable(),
  remediations: z.array(remediationSchema),
  acknowledged: doneSchema.nullable(),
  /** Null until it was read for the first time. */
  impact: impactSchema.nullable().default(null),
  /** Who was notified because nobody took care of it, oldest first. */
  notified: z.array(notifiedSchema).default([]),
  silence: silenceSchema.nullable().default(null),
});
export type Incident = z.infer<typeof incidentSchema>;
export type Explained = NonNullable<Incident['explained']>;

/**
 * Kill counters of an incident: how many, first and last (ms UTC, kernel's clock as the API tells it), the last 20.
 * Ahead of the first kill the count is 0 and the times are those of the warning.
 */
export const tallySchema = growingObject({
  count: z.number().int(),
  firstAt: z.number(),
  lastAt: z.number(),
  recent: z.array(killSchema),
});
export type Tally = z.infer<typeof tallySchema>;

/** An incident with what is stored beside it. */
export interface Loaded {
  readonly incident: Incident;
  readonly tally: Tally;
  /** Requests that nobody has decided yet, oldest first. */
  readonly requests: readonly Request[];
}

/** What a person asked for; recorded by the bot, decided by the worker. */
export const requestSchema = z.strictObject({
  id: z.string(),
  incident: z.string(),
  /**
   * `edit` asks for a plan with the person's own value, `silence` for quiet; `undo` and `make-permanent` are about a plan
   * that was carried out.
   */
  action: z.enum(['apply', 'approve', 'reject', 'acknowledge', 'edit', 'silence', 'undo', 'make-permanent']),
  /** The plan that the person saw; null for acknowledge and silence. */
  plan: z.string().nullable(),
  by: z.string(),
  at: z.number(),
  /** Groups that the person is in, as the bot saw them. */
  groups: z.array(z.string()).default([]),
  /** One of many that a single click asks for: whoever clicked gets one answer for all of them, and none for each. */
  ofMany: z.boolean().optional(),
  /** edit: the limit as it was typed; reject: why. */
  value: z.string().nullable().default(null),
  /** silence: for how long (ms; 0 ends it) and for what. */
  silence: z
    .strictObject({ scope: z.enum(['incident', 'workload']), forMs: z.number() })
    .nullable()
    .default(null),
});
export type Request = z.infer<typeof requestSchema>;

/**
 * One line of an incident's history. The bot shows it as a thread reply, or only to one person. The text is plain and
 * not trusted; `{0}`, `{1}`, … stand for the people in `people` (ids of the chat), the only mentions that are ever
 * made.
 */
export const entrySchema = growingObject({
  at: z.number(),
  audience: z.discriminatedUnion('to', [
    growingObject({ to: z.literal('thread') }),
    growingObject({ to: z.literal('person'), user: z.string() }),
  ]),
  kind: z.enum(['evidence', 'audit', 'verification', 'answer']),
  text: z.string(),
  people: z.array(z.string()),
  /** Preformatted text below it: a diff, a log tail. */
  pre: z.string().nullable(),
  /** Also shown in the channel (only for a failed fix). */
  broadcast: z.boolean(),
  /** The chart that goes with it: the id of its series of usage in the store. */
  chart: z.string().nullable().default(null),
  /** An address that stands in the text, and what a chat shows in its place as a link. */
  link: growingObject({ url: z.string(), text: z.string() }).optional(),
});
export type Entry = z.infer<typeof entrySchema>;
