import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { capture } from '../../scripts/child.mjs';
import { projectRoot } from '../../scripts/project.mjs';

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
  }),
});
export type Rendered = z.output<typeof objectSchema>;

const kubernetesFolder = join(projectRoot, 'deploy/kubernetes');

const known = new Map<string, Promise<readonly Rendered[]>>();

/**
 * What `kubectl apply -k` would send for a folder, named as from `deploy/kubernetes`. Throws what kustomize complains about.
 * NOTE: it is rendered once a process, and the same objects are given to all who ask.
 */
export function render(kubectl: string, folder: string): Promise<readonly Rendered[]> {
  const objects = known.get(folder) ?? renderAnew(kubectl, folder);
  known.set(folder, objects);
  return objects;
}

async function renderAnew(kubectl: string, folder: string): Promise<readonly Rendered[]> {
  const { code, output } = await capture(kubectl, ['kustomize', join(kubernetesFolder, folder)]);
  if (code !== 0) throw new Error(`kustomize refuses ${folder}: ${output}`);
  return parseAllDocuments(output).map((document) => objectSchema.parse(document.toJS()));
}

export function ofKind(objects: readonly Rendered[], kind: string): readonly Rendered[] {
  return objects.filter((object) => object.kind === kind);
}
