import { z } from 'zod';
import { ofKind, type Rendered } from './render.ts';

export const labelsSchema = z.record(z.string(), z.string());
const probeSchema = z.looseObject({
  httpGet: z.strictObject({ path: z.string(), port: z.string() }).optional(),
  timeoutSeconds: z.number(),
});
const containerSchema = z.looseObject({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()).optional(),
  envFrom: z
    .array(
      z.strictObject({
        configMapRef: z.strictObject({ name: z.string() }).optional(),
        secretRef: z.strictObject({ name: z.string(), optional: z.boolean().optional() }).optional(),
      }),
    )
    .default([]),
  ports: z.array(z.strictObject({ name: z.string(), containerPort: z.number() })),
  startupProbe: probeSchema,
  livenessProbe: probeSchema,
  readinessProbe: probeSchema,
  resources: z.strictObject({
    requests: z.strictObject({ cpu: z.string(), memory: z.string() }),
    limits: z.strictObject({ memory: z.string() }),
  }),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
  }),
});
const podSchema = z.looseObject({
  serviceAccountName: z.string().optional(),
  automountServiceAccountToken: z.boolean(),
  enableServiceLinks: z.literal(false),
  securityContext: z.looseObject({
    runAsNonRoot: z.literal(true),
    runAsUser: z.number().min(1),
    seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
  }),
  hostNetwork: z.never().optional(),
  hostPID: z.never().optional(),
  hostIPC: z.never().optional(),
  containers: z.tuple([containerSchema]),
  volumes: z.array(z.looseObject({ name: z.string(), hostPath: z.never().optional() })).default([]),
});
export const workloadSchema = z.looseObject({
  spec: z.looseObject({
    replicas: z.number(),
    selector: z.strictObject({ matchLabels: labelsSchema }),
    template: z.looseObject({ metadata: z.looseObject({ labels: labelsSchema }), spec: podSchema }),
  }),
});

/** Name, pod labels and pod of each Deployment and StatefulSet, by name. A pod that is not `restricted` throws. */
export function workloads(objects: readonly Rendered[]) {
  const found = [...ofKind(objects, 'Deployment'), ...ofKind(objects, 'StatefulSet')];
  return new Map(
    found.map((object) => {
      const { spec } = workloadSchema.parse(object);
      const { labels } = spec.template.metadata;
      const [container] = spec.template.spec.containers;
      return [object.metadata.name, { spec, labels, pod: spec.template.spec, container }];
    }),
  );
}
