import { z } from 'zod';

import { bytesOf, largerQuantity, sumQuantities } from '../objects/quantity.ts';
import type { KubeObject } from '../objects/object-store.ts';

const quantitySchema = z.union([z.string(), z.number()]).transform(String);
const amountsSchema = z.record(z.string(), quantitySchema);
const resourcesSchema = z.looseObject({ limits: amountsSchema.optional(), requests: amountsSchema.optional() });

const probeSchema = z.looseObject({ periodSeconds: z.number().default(10), failureThreshold: z.number().default(3) });

const containerSchema = z.looseObject({
  name: z.string(),
  image: z.string().default('registry.example/app:1'),
  resources: resourcesSchema.default({}),
  restartPolicy: z.string().optional(),
  command: z.array(z.string()).default([]),
  args: z.array(z.string()).default([]),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })).default([]),
  livenessProbe: probeSchema.optional(),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).default([]),
});

const podSpecSchema = z.looseObject({
  nodeName: z.string().optional(),
  restartPolicy: z.enum(['Always', 'OnFailure', 'Never']).default('Always'),
  terminationGracePeriodSeconds: z.number().default(30),
  resources: resourcesSchema.optional(),
  initContainers: z.array(containerSchema).default([]),
  containers: z.array(containerSchema),
});

/** What the kubelet reads of a pod's spec. */
export type PodSpec = z.infer<typeof podSpecSchema>;
export type ContainerSpec = z.infer<typeof containerSchema>;
export type Resources = z.infer<typeof resourcesSchema>;

/** Reads a stored pod's spec; throws on one that the API server would not have let in. */
export function readPodSpec(pod: KubeObject): PodSpec {
  return podSpecSchema.parse(pod.spec);
}

/** A native sidecar: an init container that is restarted for ever. */
export function isSidecar(container: ContainerSpec): boolean {
  return container.restartPolicy === 'Always';
}

/** The plain values of a container's environment. */
export function envOf({ env }: ContainerSpec): Readonly<Record<string, string>> {
  return Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
}

/** Memory limit in bytes, null without one. */
export function memoryLimit(resources: Resources): number | null {
  return bytesOf(resources.limits?.['memory']) ?? null;
}

/** Memory request in bytes, 0 without one. */
export function memoryRequest(resources: Resources): number {
  return bytesOf(resources.requests?.['memory']) ?? 0;
}

/** What the cgroup of a pod gets: what is written for the pod as a whole comes before the sum of its containers. */
export function wholePod({ resources }: PodSpec, sum: Resources): Resources {
  const limits = { ...sum.limits, ...resources?.limits };
  const requests = { ...sum.requests, ...resources?.requests };
  return {
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...(Object.keys(requests).length === 0 ? {} : { requests }),
  };
}

/** Requests and limits of a pod: containers and sidecars added up, a plain init container only where it asks more. */
export function podResources(containers: readonly Resources[], inits: readonly Resources[]): Resources {
  const limits = addUp(containers, inits, 'limits');
  const requests = addUp(containers, inits, 'requests');
  return { ...(limits === undefined ? {} : { limits }), ...(requests === undefined ? {} : { requests }) };
}

function addUp(
  containers: readonly Resources[],
  inits: readonly Resources[],
  side: 'limits' | 'requests',
): Record<string, string> | undefined {
  const names = new Set(containers.flatMap((resources) => Object.keys(resources[side] ?? {})));
  const sums: Record<string, string> = {};
  for (const name of [...names].toSorted()) {
    const values = containers.map((resources) => resources[side]?.[name]);
    // One container without a limit leaves the whole pod without one.
    if (side === 'limits' && values.includes(undefined)) continue;
    const sum = sumQuantities(values.filter((value) => value !== undefined));
    sums[name] = inits.reduce((largest, resources) => largerQuantity(largest, resources[side]?.[name] ?? '0'), sum);
  }
  return Object.keys(sums).length === 0 ? undefined : sums;
}
