import { z } from 'zod';
import { digestRuleSchema } from '../digest/digest-time.ts';
import { loadMappingSchema } from '../evidence/load-query.ts';
import type { Incident } from '../incident/incident.ts';
import { alarmRuleSchema } from '../notify/alarm-rule.ts';
import { destinationOf } from '../remediate/plan.ts';
import type { Plan } from '../remediate/plan.ts';
import { parseSource } from '../remediate/source.ts';
import type { Source } from '../remediate/source.ts';
import { dayMs, parseDuration } from '../units/duration.ts';
import { globsSchema, matchesGlob } from '../units/glob.ts';
import { mebi, parseBytes } from '../units/quantity.ts';
import { notifyShape } from '../notify/notify-policy.ts';
import { memoryPriceSchema } from '../talk/answers/debt.ts';
import { readerSchema } from '../talk/readers.ts';
import { routeSchema } from '../talk/route.ts';
import { clockTime } from '../talk/words.ts';
import { silenceRuleSchema } from './silence-rule.ts';
import { testRuleSchema } from './test-rule.ts';
import type { SilenceRule } from './silence-rule.ts';
import { growingObject } from '../units/growing-object.ts';

const planKinds = ['raise-limit', 'set-heap', 'roll-back'] as const;
/** Where a rule allows changes to be made, in the words of the policy file. */
const means = ['cluster', 'pull-request'] as const;

/** More than this is a slip of the keyboard, and no cap at all. */
const mostTimes = 100;
const mostBytes = 64 * 2 ** 40;
const shortestWaitMs = 100;
const longestWaitMs = 7 * dayMs;

function readable<T>(read: (text: string) => T | null, complaint: string) {
  // YAML reads a bare 0 as a number; the complaint is the same.
  return z.string({ error: complaint }).transform((text, context): T => {
    try {
      const value = read(text);
      if (value !== null) return value;
    } catch {
      // The error below is clearer than the parser's.
    }
    context.addIssue({ code: 'custom', message: complaint });
    return z.NEVER;
  });
}

/** At most so many times the present value, or at most this value. */
export type Cap = { readonly factor: number } | { readonly bytes: number };

/** The format of the chat's ids of people and groups, and the error for anything else. */
export interface ApproverIds {
  readonly shape: RegExp;
  readonly complaint: string;
  readonly isGroup: (id: string) => boolean;
}

/** Names the second of two that are the same by its place. */
function onlyOnce<T>(what: (one: T, first: number) => string) {
  return (list: readonly T[], context: z.core.$RefinementCtx): void => {
    const texts = list.map((one) => JSON.stringify(one));
    for (const [index, one] of list.entries()) {
      const first = texts.indexOf(JSON.stringify(one));
      if (first < index) context.addIssue({ code: 'custom', path: [index], message: what(one, first), input: list });
    }
  };
}

const ruleSchema = ({ shape, complaint, isGroup }: ApproverIds) =>
  z
    .strictObject({
      who: z
        .array(z.string().regex(shape, complaint))
        .min(1, 'names nobody')
        .superRefine(onlyOnce((id) => `${id} is named twice`)),
      clusters: globsSchema.prefault(['*']),
      namespaces: globsSchema.prefault(['*']),
      kinds: z
        .array(z.enum(planKinds))
        .min(1)
        .prefault([...planKinds]),
      means: z
        .array(z.enum(means))
        .min(1)
        .prefault([...means]),
      upTo: readable(readCap, capComplaint).nullable().default(null),
      secondPerson: z.boolean().default(false),
      expires: readable(readWait, 'must be a duration such as 30m, from 100ms to 7d').nullable().default(null),
    })
    .refine(({ who, secondPerson }) => !secondPerson || who.length > 1 || who.some(isGroup), {
      path: ['secondPerson'],
      error: 'wants a second person, and who names only one',
    })
    .readonly();
/** Who may approve what, where, and how much of it. `expires` is ms. */
export type Rule = z.infer<ReturnType<typeof ruleSchema>>;

const mappingSchema = z
  .strictObject({
    cluster: z.string().nullable().default(null),
    namespace: z.string(),
    /** `Deployment/checkout` */
    workload: z.string().regex(/^[A-Za-z]+\/[a-z0-9.-]+$/, 'must be Kind/name, such as Deployment/checkout'),
    source: readable(parseSource, 'must be owner/repo//path@branch'),
  })
  .readonly();
export type SourceMapping = z.infer<typeof mappingSchema>;

const utc = z.iso.datetime('must be a time in UTC such as 2026-12-24T00:00:00Z').transform((text) => Date.parse(text));

const freezeSchema = z
  .strictObject({
    clusters: globsSchema.prefault(['*']),
    namespaces: globsSchema.prefault(['*']),
    from: utc,
    until: utc,
    reason: z.string().trim().min(1, 'say why, for those who want to approve something').max(200),
  })
  .refine(({ from, until }) => from < until, { path: ['until'], error: 'must be later than from' })
  .readonly();
/** From when until when (ms UTC) nothing is approved, begun or written there, and why. */
export type Freeze = z.infer<typeof freezeSchema>;

/** The content of the policy file, after its YAML was parsed. */
export const policyFileSchema = (ids: ApproverIds) =>
  z.strictObject({
    approvals: z
      .array(ruleSchema(ids))
      .superRefine(onlyOnce((_, first) => `says the same as approvals[${first}]`))
      .prefault([]),
    freezes: z.array(freezeSchema).prefault([]),
    tests: z.array(testRuleSchema).prefault([]),
    silence: z.array(silenceRuleSchema(ids)).prefault([]),
    sources: z.array(mappingSchema).prefault([]),
    loads: z.array(loadMappingSchema).prefault([]),
    routes: z.array(routeSchema).prefault([]),
    readers: z.array(readerSchema(ids)).prefault([]),
    digests: z.array(digestRuleSchema).prefault([]),
    alarms: z.array(alarmRuleSchema).prefault([]),
    ...notifyShape({ ...ids, wait: readable(readDelay, 'must be a duration such as 10m, up to 7d') }),
    memoryPrice: memoryPriceSchema.nullable().default(null),
  });
export type PolicyFile = z.infer<ReturnType<typeof policyFileSchema>>;

/** Who set the kill switch, when (ms UTC) and why. */
export const pauseSchema = growingObject({ by: z.string(), at: z.number(), reason: z.string() });
export type Pause = z.infer<typeof pauseSchema>;

export interface Policy {
  readonly mode: 'observe' | 'act';
  readonly rules: readonly Rule[];
  readonly freezes: readonly Freeze[];
  /** Who may silence for others; absent or empty = the usual (silence-rule.ts). */
  readonly silence?: readonly SilenceRule[];
  /** How long a request waits unless its rule says otherwise, ms. */
  readonly approvalTtlMs: number;
  /** How long after its approval a change may still be written, ms. */
  readonly changeTtlMs: number;
}

/** The rule that allows these people to approve everything, used without a policy file. */
export function everythingFor(who: readonly string[]): readonly Rule[] {
  if (who.length === 0) return [];
  const everywhere = { clusters: ['*'], namespaces: ['*'], kinds: [...planKinds], means: [...means] };
  return [{ who: [...who], ...everywhere, upTo: null, secondPerson: false, expires: null }];
}

/** Rules that apply to a cluster, whatever the namespace. */
export function rulesIn({ rules }: Pick<Policy, 'rules'>, cluster: string): readonly Rule[] {
  return rules.filter(({ clusters }) => clusters.some((glob) => matchesGlob(glob, cluster)));
}

/** Rules that apply to this plan and where it would be carried out, whoever asks and whatever the size. */
export function rulesFor(policy: Policy, incident: Incident, plan: Plan): readonly Rule[] {
  const { cluster, namespace } = incident.subject;
  const where = destinationOf(plan) === 'forge' ? 'pull-request' : 'cluster';
  return rulesIn(policy, cluster).filter(
    (rule) =>
      rule.namespaces.some((glob) => matchesGlob(glob, namespace ?? '')) &&
      rule.kinds.includes(plan.kind) &&
      rule.means.includes(where),
  );
}

/** The freeze that holds there at this time (ms UTC), the one that ends last; null if there is none. */
export function freezeOf({ freezes }: Policy, { subject }: Pick<Incident, 'subject'>, at: number): Freeze | null {
  const there = freezesIn(freezes, subject.cluster, at).filter(({ namespaces }) =>
    namespaces.some((glob) => matchesGlob(glob, subject.namespace ?? '')),
  );
  return there[0] ?? null;
}

/** The freezes that hold in a cluster, or in some of its namespaces, at this time (ms UTC); the one that ends last first. */
export function freezesIn(freezes: readonly Freeze[], cluster: string, at: number): readonly Freeze[] {
  return freezes
    .filter(
      ({ clusters, from, until }) => from <= at && at < until && clusters.some((glob) => matchesGlob(glob, cluster)),
    )
    .toSorted((a, b) => b.until - a.until);
}

/** `Policy freezes changes here until 2026-12-27 00:00:00 UTC (holidays)`; times are ms UTC. */
export function frozenWords({ until, reason }: Freeze, now: number): string {
  return `policy freezes changes here until ${clockTime(until, now)} (${reason})`;
}

/** The limit before a change of ours, and when that was (ms UTC). */
export const limitBeforeSchema = growingObject({ bytes: z.number(), at: z.number() });
export type LimitBefore = z.infer<typeof limitBeforeSchema>;

/** A factor counts against the limit before the first change of this time, so that twice twofold is not fourfold. */
export const limitBeforeMs = 7 * dayMs;

/**
 * Whether a plan stays within the size that a rule allows. A rollback has no size; what raises nothing is within every
 * factor.
 */
export function isWithin({ upTo }: Rule, { from, to, rollBack }: Plan, before: LimitBefore | null): boolean {
  if (upTo === null || rollBack !== null || to.limitBytes === null) return true;
  if ('bytes' in upTo) return to.limitBytes <= upTo.bytes;
  if (from.limitBytes === null) return false;
  const base = Math.min(from.limitBytes, before?.bytes ?? Infinity);
  return to.limitBytes <= Math.max(from.limitBytes, base * upTo.factor);
}

/** Whether a rule names this person, by id or by one of their groups. */
export function names({ who }: Rule, person: { readonly by: string; readonly groups: readonly string[] }): boolean {
  return who.includes(person.by) || person.groups.some((group) => who.includes(group));
}

/** The source file of a workload, by configuration; null if none is mapped. */
export function mappedSource(
  mappings: readonly SourceMapping[],
  { cluster, namespace, workload }: Incident['subject'],
): Source | null {
  const found = mappings.find(
    (one) =>
      (one.cluster === null || one.cluster === cluster) &&
      one.namespace === namespace &&
      one.workload === `${workload.kind}/${workload.name}`,
  );
  return found?.source ?? null;
}

const capComplaint = 'must be a factor such as 2x (from 1x to 100x) or a size such as 4Gi (from 1Mi to 64Ti)';

function readCap(text: string): Cap | null {
  const factor = /^(\d+(?:\.\d+)?)x$/.exec(text.trim())?.[1];
  if (factor !== undefined)
    return Number(factor) >= 1 && Number(factor) <= mostTimes ? { factor: Number(factor) } : null;
  const bytes = parseBytes(text.trim());
  return bytes >= mebi && bytes <= mostBytes ? { bytes } : null;
}

function readDelay(text: string): number | null {
  const ms = parseDuration(text);
  return ms <= longestWaitMs ? ms : null;
}

function readWait(text: string): number | null {
  const ms = parseDuration(text);
  return ms >= shortestWaitMs && ms <= longestWaitMs ? ms : null;
}
