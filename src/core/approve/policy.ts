import { z } from 'zod';
import type { Incident } from '../incident/incident.ts';
import { destinationOf } from '../remediate/plan.ts';
import type { Plan } from '../remediate/plan.ts';
import { parseSource } from '../remediate/source.ts';
import type { Source } from '../remediate/source.ts';
import { parseDuration } from '../units/duration.ts';
import { globsSchema, matchesGlob } from '../units/glob.ts';
import { parseBytes } from '../units/quantity.ts';
import { readerSchema } from '../talk/readers.ts';
import { routeSchema } from '../talk/route.ts';

const planKinds = ['raise-limit', 'set-heap', 'roll-back'] as const;
/** Where a rule allows changes to be made, in the words of the policy file. */
const means = ['cluster', 'pull-request'] as const;

function readable<T>(read: (text: string) => T | null, complaint: string) {
  return z.string().transform((text, context): T => {
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

const ruleSchema = ({ shape, complaint, isGroup }: ApproverIds) =>
  z
    .strictObject({
      who: z.array(z.string().regex(shape, complaint)).min(1, 'names nobody'),
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
      upTo: readable(readCap, 'must be a factor such as 2x or a size such as 4Gi').nullable().default(null),
      secondPerson: z.boolean().default(false),
      expires: readable(parseDuration, 'must be a duration such as 30m').nullable().default(null),
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

/** The content of the policy file, after its YAML was parsed. */
export const policyFileSchema = (ids: ApproverIds) =>
  z.strictObject({
    approvals: z.array(ruleSchema(ids)).prefault([]),
    sources: z.array(mappingSchema).prefault([]),
    routes: z.array(routeSchema).prefault([]),
    readers: z.array(readerSchema(ids)).prefault([]),
  });
export type PolicyFile = z.infer<ReturnType<typeof policyFileSchema>>;

/** Who set the kill switch, when (ms UTC) and why. */
export const pauseSchema = z.strictObject({ by: z.string(), at: z.number(), reason: z.string() });
export type Pause = z.infer<typeof pauseSchema>;

export interface Policy {
  readonly mode: 'observe' | 'act';
  readonly rules: readonly Rule[];
  /** How long a request waits unless its rule says otherwise, ms. */
  readonly approvalTtlMs: number;
}

/** The rule that allows these people to approve everything, used without a policy file. */
export function everythingFor(who: readonly string[]): readonly Rule[] {
  if (who.length === 0) return [];
  const everywhere = { clusters: ['*'], namespaces: ['*'], kinds: [...planKinds], means: [...means] };
  return [{ who: [...who], ...everywhere, upTo: null, secondPerson: false, expires: null }];
}

/** Rules that apply to a cluster, whatever the namespace. */
export function rulesIn({ rules }: Policy, cluster: string): readonly Rule[] {
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

/** Whether a plan stays within the size that a rule allows. A rollback has no size. */
export function isWithin({ upTo }: Rule, { from, to, rollBack }: Plan): boolean {
  if (upTo === null || rollBack !== null || to.limitBytes === null) return true;
  if ('bytes' in upTo) return to.limitBytes <= upTo.bytes;
  return from.limitBytes !== null && to.limitBytes <= from.limitBytes * upTo.factor;
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

function readCap(text: string): Cap | null {
  const factor = /^(\d+(?:\.\d+)?)x$/.exec(text.trim())?.[1];
  if (factor !== undefined) return Number(factor) >= 1 ? { factor: Number(factor) } : null;
  return { bytes: parseBytes(text.trim()) };
}
