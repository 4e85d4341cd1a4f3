import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { capture } from '../../scripts/child.mjs';
import { projectRoot } from '../../scripts/project.mjs';

export const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
});
export type Rendered = z.output<typeof objectSchema>;

const kubernetesFolder = join(projectRoot, 'deploy/kubernetes');
export const chartFolder = join(projectRoot, 'deploy/helm/oomkeeper');

const known = new Map<string, Promise<readonly Rendered[]>>();

/**
 * What `kubectl apply -k` would send for a folder, named as from `deploy/kubernetes`. Throws what kustomize complains about.
 * NOTE: it is rendered once a process, and the same objects are given to all who ask by the same `id`: a folder that a test
 * fills otherwise each time needs one.
 */
export function render(kubectl: string, folder: string, id = folder): Promise<readonly Rendered[]> {
  return once(`kustomize ${id}`, async () => read(kubectl, ['kustomize', join(kubernetesFolder, folder)]));
}

/** Values of the chart that differ from its defaults, as they would stand in a file. */
export type ChartValues = Readonly<Record<string, unknown>>;

/**
 * What `helm install` would send, and what `helm test` would. Throws what helm complains about. It is rendered once, as
 * above.
 */
export function renderChart(
  helm: string,
  values: ChartValues,
  { release, namespace } = { release: 'oomkeeper', namespace: 'oomkeeper' },
): Promise<readonly Rendered[]> {
  const args = ['template', release, chartFolder, '--namespace', namespace, '--set-json', JSON.stringify(values)];
  return once(args.join(' '), async () => read(helm, args));
}

function once(name: string, renderAnew: () => Promise<readonly Rendered[]>): Promise<readonly Rendered[]> {
  const objects = known.get(name) ?? renderAnew();
  known.set(name, objects);
  return objects;
}

async function read(program: string, args: readonly string[]): Promise<readonly Rendered[]> {
  const { code, output } = await capture(program, args);
  if (code !== 0) throw new Error(`${args.join(' ')}: ${output}`);
  return objectsOf(output);
}

/** The objects of a text of YAML documents, of which some may be empty. */
export function objectsOf(text: string): readonly Rendered[] {
  return parseAllDocuments(text).flatMap((document) => {
    const object: unknown = document.toJS();
    return object === null ? [] : [objectSchema.parse(object)];
  });
}

export function ofKind(objects: readonly Rendered[], kind: string): readonly Rendered[] {
  return objects.filter((object) => object.kind === kind);
}
