import type { KubeObject } from '../../../sandbox/kubernetes/objects/object-store.ts';

/** An object as a test needs it, with the system's fields filled in. */
export function kubeObject(
  kind: string,
  apiVersion: string,
  metadata: Readonly<Record<string, unknown>> & { readonly name: string },
  parts: Readonly<Record<string, unknown>> = {},
): KubeObject {
  return {
    kind,
    apiVersion,
    metadata: {
      uid: `uid-of-${metadata.name}`,
      resourceVersion: '1001',
      creationTimestamp: '2026-11-24T06:00:00Z',
      ...metadata,
    },
    ...parts,
  };
}

export function partOf(value: unknown, ...keys: readonly string[]): unknown {
  let current = value;
  for (const key of keys) current = isRecord(current) ? current[key] : undefined;
  return current;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A whole object, not a selection of its fields. */
export function isKubeObject(value: unknown): value is KubeObject {
  return (
    typeof partOf(value, 'kind') === 'string' &&
    typeof partOf(value, 'apiVersion') === 'string' &&
    typeof partOf(value, 'metadata', 'name') === 'string' &&
    typeof partOf(value, 'metadata', 'uid') === 'string'
  );
}
