import { ownedBy, type ControllerContext } from './context.ts';
import { ownerReference, sortedKeys, templateHash, templateOf } from './template.ts';
import type { KubeObject } from '../objects/object-store.ts';

/** Where the two controllers differ in how they mark a revision. */
const marks: Readonly<Record<string, { readonly label: string; readonly generation: string | null }>> = {
  StatefulSet: { label: 'controller.kubernetes.io/hash', generation: null },
  DaemonSet: { label: 'controller-revision-hash', generation: 'deprecated.daemonset.template.generation' },
};

/**
 * The ControllerRevision of the set's present template, made when it is new; an old template's revision becomes the
 * newest again. Answers its name.
 */
export function keepRevision({ store }: ControllerContext, set: KubeObject): string {
  const { name, namespace, generation = 1 } = set.metadata;
  const template = templateOf(set);
  const hash = templateHash(template);
  const revisionName = `${name}-${hash}`;
  const known = ownedBy(store, 'controllerrevisions', set);
  const newest = Math.max(0, ...known.map((each) => Number(each['revision'])));
  const same = known.find(({ metadata }) => metadata.name === revisionName);
  if (same !== undefined) {
    if (Number(same['revision']) === newest) return revisionName;
    store.write('controllerrevisions', namespace, revisionName, (draft) => {
      draft['revision'] = newest + 1;
    });
    return revisionName;
  }
  const { label, generation: annotation } = marks[set.kind] ?? { label: 'controller-revision-hash', generation: null };
  store.create('controllerrevisions', {
    kind: 'ControllerRevision',
    apiVersion: 'apps/v1',
    metadata: {
      name: revisionName,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...template.metadata.labels, [label]: hash },
      ...(annotation === null ? {} : { annotations: { [annotation]: String(generation) } }),
      ownerReferences: [ownerReference(set)],
    },
    data: {
      spec: {
        template: {
          $patch: 'replace',
          metadata: sortedKeys(template.metadata),
          spec: sortedKeys(template.spec),
        },
      },
    },
    revision: newest + 1,
  });
  return revisionName;
}
