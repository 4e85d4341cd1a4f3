import { z } from 'zod';
import type { Trigger } from '../kill/trigger.ts';
import { globsSchema, matchesGlob } from '../units/glob.ts';

export const routeSchema = z
  .strictObject({
    clusters: globsSchema.prefault(['*']),
    namespaces: globsSchema.prefault(['*']),
    /** Labels of the pod, with * for any letters; all of them. */
    labels: z.record(z.string().min(1), z.string()).prefault({}),
    channel: z
      .string()
      .regex(/^#?[\p{L}\p{N}._-]{1,80}$/u, 'must be a channel name or id')
      .transform((name) => name.replace(/^#/, '')),
  })
  .readonly();
/** Which incidents belong into a channel (name without `#`, or id). */
export type Route = z.infer<typeof routeSchema>;

/** What a route matches: where something is, and the labels of its pod. */
export type Routed = Pick<Trigger, 'subject' | 'labels'>;

/**
 * The channel of the first route that matches an incident, by where it is and by the labels of the pod that was killed
 * first; without one `fallback`. What belongs to a node has no namespace: only `*` matches it.
 */
export function channelFor(
  { subject, labels: labelsOfPod }: Routed,
  routes: readonly Route[],
  fallback: string,
): string {
  const found = routes.find(
    ({ clusters, namespaces, labels }) =>
      clusters.some((glob) => matchesGlob(glob, subject.cluster)) &&
      namespaces.some((glob) => matchesGlob(glob, subject.namespace ?? '')) &&
      Object.entries(labels).every(([name, glob]) => {
        const label = labelsOfPod[name];
        return label !== undefined && matchesGlob(glob, label);
      }),
  );
  return found?.channel ?? fallback;
}
