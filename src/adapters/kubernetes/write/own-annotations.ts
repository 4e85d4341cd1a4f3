import { Failure } from '../../../core/failure.ts';
import { record, text } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import { listPages } from '../transport/list-pages.ts';
import type { Transport } from '../transport/transport.ts';
import { loadAnnotation } from '../../../core/evidence/load-query.ts';
import { ownerAnnotation } from '../../../core/notify/owner.ts';
import { sourceAnnotation } from '../../../core/remediate/source.ts';
import { planAnnotation } from './plan-annotation.ts';

/*
 * What we leave on a cluster's objects. The writer annotates workloads; the Deployment controller copies that to
 * ReplicaSets, and what people do with either may have brought it to pods.
 */

const kinds = [
  { kind: 'Deployment', group: '/apis/apps/v1', plural: 'deployments' },
  { kind: 'ReplicaSet', group: '/apis/apps/v1', plural: 'replicasets' },
  { kind: 'StatefulSet', group: '/apis/apps/v1', plural: 'statefulsets' },
  { kind: 'DaemonSet', group: '/apis/apps/v1', plural: 'daemonsets' },
  { kind: 'CronJob', group: '/apis/batch/v1', plural: 'cronjobs' },
  { kind: 'Pod', group: '/api/v1', plural: 'pods' },
] as const;

/** What people write for us, on the workload or its pods. */
const forUs = new Set([ownerAnnotation, sourceAnnotation, loadAnnotation, 'oomkeeper.dev/channel']);

/** A large cluster takes a minute for its pods. */
const listMs = 180_000;
const patchMs = 10_000;

/** An object that carries our annotation. */
export interface Annotated {
  readonly kind: (typeof kinds)[number]['kind'];
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** What the annotation says. */
  readonly plan: string;
}

export interface OwnAnnotations {
  readonly objects: readonly Annotated[];
  /** Whose pod template carries it too: somebody has put it there, and to take it away would restart the pods. */
  readonly templates: readonly Annotated[];
  /** Annotations that people have written for Oomkeeper, by name. */
  readonly peoples: readonly string[];
  /** What could not be looked at, in sentences. */
  readonly unread: readonly string[];
}

/** Looks through `namespaces`, or the whole cluster where there are none. @throws Failure where nothing can be read */
export async function findOwnAnnotations(transport: Transport, namespaces: readonly string[]): Promise<OwnAnnotations> {
  const [objects, templates, peoples, unread]: [Annotated[], Annotated[], Set<string>, string[]] = [
    [],
    [],
    new Set(),
    [],
  ];
  const places = namespaces.length === 0 ? [''] : namespaces.map((name) => `/namespaces/${encodeURIComponent(name)}`);
  let read = 0;
  let first: unknown = null;
  for (const { kind, group, plural } of kinds) {
    for (const place of places) {
      try {
        const missing = await listPages(
          transport,
          { path: `${group}${place}/${plural}`, endsAt: Date.now() + listMs },
          (object) => {
            const carried = carriedBy(kind, object);
            objects.push(...carried.own);
            templates.push(...carried.template);
            for (const name of carried.peoples) peoples.add(name);
          },
        );
        read += 1;
        if (missing !== null) unread.push(`${plural}: ${missing}`);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        first ??= error;
        unread.push(`${plural}${place === '' ? '' : ` of ${decodeURIComponent(place.slice(12))}`}: ${error.message}`);
      }
    }
  }
  if (read === 0) throw first;
  return { objects, templates, peoples: [...peoples].toSorted(), unread };
}

/** Takes it off one object; nothing else of it changes. One that is gone has none. @throws Failure */
export async function removeOwnAnnotation(
  transport: Transport,
  { kind, namespace, name, uid }: Annotated,
): Promise<void> {
  const found = kinds.find((one) => one.kind === kind);
  if (found === undefined) return;
  const path = `${found.group}/namespaces/${encodeURIComponent(namespace)}/${found.plural}/${encodeURIComponent(name)}`;
  try {
    await transport.json({
      method: 'PATCH',
      path: `${path}?fieldManager=oomkeeper`,
      // With its uid another object of the same name is refused.
      body: JSON.stringify({ metadata: { uid, annotations: { [planAnnotation]: null } } }),
      contentType: 'application/strategic-merge-patch+json',
      deadlineMs: patchMs,
    });
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'cluster-not-found') throw error;
  }
}

interface Carried {
  readonly own: readonly Annotated[];
  readonly template: readonly Annotated[];
  readonly peoples: readonly string[];
}

function carriedBy(kind: Annotated['kind'], object: JsonRecord): Carried {
  const metadata = record(object['metadata']);
  // A ReplicaSet only repeats the template of its Deployment.
  const inTemplate =
    kind === 'Pod' || kind === 'ReplicaSet' ? {} : annotationsOf(record(templateIn(kind, object)['metadata']));
  const onObject = annotationsOf(metadata);
  const annotated = (annotations: JsonRecord): readonly Annotated[] => {
    const plan = text(annotations[planAnnotation]);
    if (plan === null) return [];
    return [
      {
        kind,
        namespace: text(metadata['namespace']) ?? '',
        name: text(metadata['name']) ?? '',
        uid: text(metadata['uid']) ?? '',
        plan,
      },
    ];
  };
  const names = [...Object.keys(onObject), ...Object.keys(inTemplate)];
  return {
    own: annotated(onObject),
    template: annotated(inTemplate),
    peoples: names.filter((name) => forUs.has(name)),
  };
}

function annotationsOf(metadata: JsonRecord): JsonRecord {
  return record(metadata['annotations']);
}

function templateIn(kind: Annotated['kind'], object: JsonRecord): JsonRecord {
  const spec = record(object['spec']);
  return record((kind === 'CronJob' ? record(record(spec['jobTemplate'])['spec']) : spec)['template']);
}
