import { z } from 'zod';
import type { Trigger } from '../kill/trigger.ts';
import { globsSchema, matchesGlob } from '../units/glob.ts';

export const channelSchema = z
  .string()
  .regex(/^#?[\p{L}\p{N}._-]{1,80}$/u, 'must be a channel name or id')
  .transform((name) => name.replace(/^#/, ''));

export const routeSchema = z
  .strictObject({
    clusters: globsSchema.prefault(['*']),
    namespaces: globsSchema.prefault(['*']),
    /** Labels of the pod, with * for any letters; all of them. */
    labels: z.record(z.string().min(1), z.string()).prefault({}),
    channel: channelSchema,
  })
  .readonly();
/** Which incidents belong into a channel (name without `#`, or id). */
export type Route = z.infer<typeof routeSchema>;

/** What leads an incident to a channel: where it is, the labels of its pod, and the channel that its pod names. */
export interface Routed extends Pick<Trigger, 'labels' | 'channel'> {
  readonly subject: Pick<Trigger['subject'], 'cluster' | 'namespace'>;
}

/** The channel of the first route that matches an incident; without one `fallback`. */
export function channelFor(routed: Routed, routes: readonly Route[], fallback: string): string {
  return routeFor(routed, routes)?.channel ?? fallback;
}

/** Where incidents of a cluster may be posted, whatever their namespace and labels; each channel once. */
export function channelsFor(cluster: string, routes: readonly Route[], fallback: string): readonly string[] {
  const there = routes.filter(({ clusters }) => clusters.some((glob) => matchesGlob(glob, cluster)));
  const last = there.findIndex(
    ({ namespaces, labels }) => namespaces.includes('*') && Object.keys(labels).length === 0,
  );
  const reached = last === -1 ? there : there.slice(0, last + 1);
  return [...new Set([...reached.map(({ channel }) => channel), ...(last === -1 ? [fallback] : [])])];
}

/**
 * The first route that matches an incident, by where it is and by the labels of the pod that was killed first. What
 * belongs to a node has no namespace: only `*` matches it. Where nobody knows the labels (null), the first that may
 * match it.
 */
export function routeFor(
  { subject, labels: labelsOfPod }: Pick<Routed, 'subject'> & { readonly labels: Routed['labels'] | null },
  routes: readonly Route[],
): Route | undefined {
  return routes.find(
    ({ clusters, namespaces, labels }) =>
      clusters.some((glob) => matchesGlob(glob, subject.cluster)) &&
      namespaces.some((glob) => matchesGlob(glob, subject.namespace ?? '')) &&
      Object.entries(labels).every(([name, glob]) => {
        if (labelsOfPod === null) return true;
        const label = labelsOfPod[name];
        return label !== undefined && matchesGlob(glob, label);
      }),
  );
}
