import { z } from 'zod';
import type { Trigger } from '../kill/trigger.ts';
import { globsSchema, matchesGlob } from '../units/glob.ts';
import { bounded } from '../units/text-bounds.ts';
import type { Owner } from './impact.ts';

/** Names whose workload it is, on the pod or its workload. */
export const ownerAnnotation = 'oomkeeper.dev/owner';

interface ChatIds {
  readonly shape: RegExp;
  readonly complaint: string;
}

/** `shape` is that of the chat's ids of people and groups. */
export const ownersSchema = ({ shape, complaint }: ChatIds) =>
  z
    .strictObject({
      /** Whom a name means. */
      names: z.record(z.string().trim().min(1).max(100), z.string().regex(shape, complaint)).prefault({}),
      /** The label of pods that names the owner. */
      label: z.string().min(1).nullable().default(null),
      rules: z
        .array(
          z
            .strictObject({
              clusters: globsSchema.prefault(['*']),
              namespaces: globsSchema.prefault(['*']),
              labels: z.record(z.string().min(1), z.string()).prefault({}),
              owner: z
                .string()
                .trim()
                .min(1)
                .max(100)
                .refine((owner) => !shape.test(owner), 'must be a name; `names` says whose it is'),
            })
            .readonly(),
        )
        .prefault([]),
    })
    .readonly();
export type Owners = z.infer<ReturnType<typeof ownersSchema>>;

/**
 * Whose workload it is, by the first that says so: the annotation (of the pod, else of its workload), the label that
 * policy names, the first rule of policy that fits. The name comes from the cluster and is not trusted: only policy says
 * which id it means, and an id in the cluster counts only where policy has it.
 */
export function ownerOf(
  { subject, labels }: Pick<Trigger, 'subject' | 'labels'>,
  annotation: string | null,
  { names, label, rules }: Owners,
): Owner | null {
  const rule = rules.find(
    (one) =>
      one.clusters.some((glob) => matchesGlob(glob, subject.cluster)) &&
      one.namespaces.some((glob) => matchesGlob(glob, subject.namespace ?? '')) &&
      Object.entries(one.labels).every(([name, glob]) => matchesGlob(glob, labels[name] ?? '')),
  );
  const labelled = label === null ? null : (labels[label] ?? null);
  const said = [annotation, labelled, rule?.owner ?? null].map(nameIn).find((name) => name !== '');
  if (said === undefined) return null;
  const known = Object.entries(names).find(([name, id]) => name === said || id === said);
  return known === undefined ? { name: said, id: null } : { name: known[0], id: known[1] };
}

/** `@team-shop` is team-shop. */
function nameIn(text: string | null): string {
  return bounded(text ?? '', 'ownerName')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replace(/^@/, '');
}
