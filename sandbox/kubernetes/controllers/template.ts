import { z } from 'zod';

import { objectsOf } from '../objects/json-value.ts';
import { copyOf } from '../objects/object-copy.ts';
import { withDefaults } from '../objects/object-defaults.ts';
import type { JsonObject, KubeObject, NewObject } from '../objects/object-store.ts';

const templateSchema = z.looseObject({
  metadata: z
    .looseObject({
      labels: z.record(z.string(), z.string()).default({}),
      annotations: z.record(z.string(), z.string()).optional(),
    })
    .default({ labels: {} }),
  spec: z.looseObject({}),
});
export type PodTemplate = z.infer<typeof templateSchema>;

/** The pod template of a workload (of a CronJob: the one inside its job template). */
export function templateOf(workload: KubeObject): PodTemplate {
  return templateSchema.parse(workload.spec?.['template']);
}

export interface PodIdentity {
  readonly name: string;
  readonly generateName?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly spec?: JsonObject;
}

/** A pod of a template for a controller, with the token volume, tolerations and defaults of a real one. */
export function podFromTemplate(
  template: PodTemplate,
  owner: KubeObject,
  identity: PodIdentity,
  random: () => number,
): NewObject {
  const { labels, annotations } = template.metadata;
  const spec = copyOf({ ...template.spec, ...identity.spec });
  addToken(spec, `kube-api-access-${suffix(random)}`);
  return withDefaults('pods', {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name: identity.name,
      ...(identity.generateName === undefined ? {} : { generateName: identity.generateName }),
      namespace: owner.metadata.namespace ?? 'default',
      labels: { ...labels, ...identity.labels },
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [ownerReference(owner)],
      ...(identity.finalizers === undefined ? {} : { finalizers: [...identity.finalizers] }),
    },
    spec,
  });
}

export function ownerReference(owner: KubeObject): Required<KubeObject['metadata']>['ownerReferences'][number] {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

function addToken(spec: JsonObject, name: string): void {
  const mount = { name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
  spec['volumes'] = [...objectsOf(spec['volumes']), tokenVolume(name)];
  for (const key of ['initContainers', 'containers']) {
    if (spec[key] === undefined) continue;
    spec[key] = objectsOf(spec[key]).map((container) => ({
      ...container,
      volumeMounts: [...objectsOf(container['volumeMounts']), mount],
    }));
  }
}

function tokenVolume(name: string): JsonObject {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      ],
      defaultMode: 420,
    },
  };
}

const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Five characters as the API server adds to a `generateName`. */
export function suffix(random: () => number): string {
  return Array.from({ length: 5 }, () => alphabet[Math.floor(random() * alphabet.length)] ?? 'b').join('');
}

/** `pod-template-hash`: FNV-1a over the template's JSON in the API's safe alphabet; equal templates, equal hash. */
export function templateHash(template: PodTemplate): string {
  let hash = 0x811c9dc5;
  for (const character of JSON.stringify(sortedKeys(template))) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  }
  return String(hash).replaceAll(/\d/g, (digit) => alphabet[digit.charCodeAt(0) % alphabet.length] ?? 'b');
}

/** The same JSON with the keys of every object in the order of the alphabet. */
function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sortedKeys(part)]),
  );
}
