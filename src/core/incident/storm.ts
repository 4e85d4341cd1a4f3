import { z } from 'zod';
import { causes } from '../diagnose/diagnosis.ts';
import { subjectSchema } from '../kill/kill.ts';
import { triggeredAtMs, triggerKinds } from '../kill/trigger.ts';
import { severitySchema } from '../notify/severity.ts';
import { placeSchema } from '../talk/place.ts';
import { shortHash } from '../units/short-hash.ts';
import { firstTrigger } from './triggers.ts';
import type { Loaded } from './incident.ts';
import { growingObject } from '../units/growing-object.ts';
import { limitAt } from '../kill/limit-at.ts';

/** The thread that a folded incident was given when somebody opened it. */
const ownThreadSchema = growingObject({ root: placeSchema, openedBy: z.string() });
export type OwnThread = z.infer<typeof ownThreadSchema>;

/**
 * What a storm knows of one of its incidents. Where it ran is taken from its first kill; later ones may run elsewhere.
 */
export const stormMemberSchema = growingObject({
  incident: z.string(),
  subject: subjectSchema,
  kind: z.enum(triggerKinds),
  suspect: z.boolean(),
  node: z.string().nullable(),
  image: z.string().nullable(),
  /** Which revision of the workload ran. */
  revision: z.string().nullable(),
  limitBytes: z.number().nullable(),
  /** ms UTC of its first kill, or of the warning while there is none. */
  killedAt: z.number(),
  lastAt: z.number(),
  kills: z.number().int(),
  open: z.boolean(),
  /** What was found out so far; null before it is explained. */
  verdict: z.enum(causes).nullable().default(null),
  severity: severitySchema.nullable().default(null),
  pods: growingObject({ ready: z.number().int(), desired: z.number().int() }).nullable().default(null),
  /** Who is on it, by the id of the chat. */
  acknowledged: z.string().nullable().default(null),
  /** ms UTC. */
  silencedUntil: z.number().nullable().default(null),
  own: ownThreadSchema.nullable(),
});
export type StormMember = z.infer<typeof stormMemberSchema>;

const sharedKinds = ['rollout', 'image', 'node', 'namespace'] as const;

/** Something that at least half of a storm's incidents have in common. */
export interface Shared {
  readonly by: (typeof sharedKinds)[number];
  /** `worker-3`, or `prod/worker-3` if incidents are of more than one cluster. Not trusted. */
  readonly name: string;
  readonly count: number;
}

/** An incident as a line of a storm. */
export function stormMember(loaded: Loaded, own: OwnThread | null): StormMember {
  const { incident, tally } = loaded;
  const { subject, id, state, explained, impact, acknowledged, silence } = incident;
  const trigger = firstTrigger(loaded);
  const { kind, node, image, revision } = trigger;
  return {
    incident: id,
    subject,
    kind,
    suspect: trigger.kind !== 'ahead' && trigger.suspect,
    node,
    image,
    revision,
    limitBytes: limitAt(trigger),
    killedAt: triggeredAtMs(trigger),
    lastAt: tally.lastAt,
    kills: tally.count,
    open: state.is === 'open',
    verdict: explained?.diagnosis.hypotheses[0]?.cause ?? null,
    severity: impact?.severity ?? null,
    pods: impact?.pods ?? null,
    acknowledged: acknowledged?.by ?? null,
    silencedUntil: silence?.until ?? null,
    own,
  };
}

/** `STORM-7F3K2A`, for the storm that this incident begins in a channel at `at` (ms UTC). */
export function stormId(channel: string, incident: string, at: number): string {
  return `STORM-${shortHash(`${channel}\n${incident}\n${at}`, 6)}`;
}

/** Equal for storms that look the same. */
export function stormHash(members: readonly StormMember[]): string {
  return shortHash(JSON.stringify(members), 16);
}

/**
 * What a storm's incidents share: whatever at least two of them and at least half of all have. Two causes that coincide
 * are both shown. The most common comes first; of equally common ones, the one that says most. A namespace says least
 * and comes last.
 */
export function sharedBy(members: readonly StormMember[]): readonly Shared[] {
  const clusters = new Set(members.map(({ subject }) => subject.cluster));
  return sharedKinds
    .flatMap((by) => counted(by, members, clusters.size > 1))
    .filter(({ count }) => count >= 2 && count * 2 >= members.length)
    .toSorted((a, b) => Number(a.by === 'namespace') - Number(b.by === 'namespace') || b.count - a.count);
}

/** The worst, at most `limit`: by severity, of the same severity those that were killed most, of equal ones the earlier. */
export function worstOf(members: readonly StormMember[], limit: number): readonly StormMember[] {
  return members.toSorted((a, b) => rankOf(a) - rankOf(b) || b.kills - a.kills).slice(0, limit);
}

/** What nobody knows is no worse than what is known to be bad. */
function rankOf({ severity, open }: StormMember): number {
  const { options } = severitySchema;
  return (open ? 0 : options.length + 1) + (severity === null ? options.length : options.indexOf(severity));
}

function counted(by: Shared['by'], members: readonly StormMember[], withCluster: boolean): readonly Shared[] {
  const counts = new Map<string, number>();
  for (const member of members) {
    const name = nameOf(by, member, withCluster);
    if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => ({ by, name, count }));
}

/** Null if unknown. Two clusters may have nodes and namespaces of the same name; an image is the same in both. */
function nameOf(
  by: Shared['by'],
  { subject, node, image, revision }: StormMember,
  withCluster: boolean,
): string | null {
  const { cluster, namespace, workload } = subject;
  const inCluster = (name: string): string => (withCluster ? `${cluster}/${name}` : name);
  switch (by) {
    case 'rollout':
      return revision === null ? null : inCluster(`${namespace ?? '-'}/${workload.name} revision ${revision}`);
    case 'image':
      return image;
    case 'node':
      return node === null ? null : inCluster(node);
    case 'namespace':
      return namespace === null ? null : inCluster(namespace);
  }
}
