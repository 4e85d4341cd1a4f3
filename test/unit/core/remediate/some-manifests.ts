import type { ManifestEdit } from '../../../../src/core/remediate/manifest-edit.ts';

export const Mi = 1024 * 1024;

/** 640Mi for the container `app` of Deployment shop/checkout. */
export const toMore: ManifestEdit = {
  kind: 'Deployment',
  name: 'checkout',
  namespace: 'shop',
  container: 'app',
  to: { limitBytes: 640 * Mi, requestBytes: 640 * Mi },
  env: [],
};

/** The same with a heap flag. */
export function withFlag(to: string, name = 'JAVA_TOOL_OPTIONS'): ManifestEdit {
  return { ...toMore, env: [{ name, from: null, to }] };
}

export const resources = `resources:
  limits:
    memory: 512Mi
  requests:
    memory: 256Mi
`;

/** A Deployment whose container `app` has these lines besides its name and image. */
export function deployment(container: string, name = 'checkout', namespace = 'shop'): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  template:
    spec:
      containers:
        - name: app
          image: registry.example/shop:1.4 # pinned
${indented(container, 10)}`;
}

export function indented(text: string, by: number): string {
  return text.replaceAll(/^(?=[^\n])/gm, ' '.repeat(by));
}
