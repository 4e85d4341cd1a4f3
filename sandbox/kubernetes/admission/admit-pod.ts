import { forbidden } from '../server/api-error.ts';
import { objectOf, objectsOf, textOf } from '../objects/json-value.ts';
import { complaintsOfLimitRange } from './limit-range.ts';
import type { JsonObject, KubeObject, ObjectStore } from '../objects/object-store.ts';
import { amountIn, podAmounts, usedAmounts, type Amounts } from './pod-amounts.ts';
import { defaultRequests, qosClassOf } from './pod-spec.ts';
import { formatQuantity, parseQuantity } from './quantity.ts';

const pods = { name: 'pods', group: '' };

/** A pod before it is stored: with or without what the system sets. */
export type PodDraft = JsonObject & {
  metadata: { name: string; namespace?: string; annotations?: Record<string, string> };
};

/**
 * Fills in, in place, what the namespace's LimitRanges give to containers that don't say it, and notes that in the
 * annotation of the LimitRanger plug-in.
 */
export function defaultByLimitRanges(store: ObjectStore, pod: PodDraft): void {
  const notes = rangesFor(store, pod).flatMap((range) => {
    const defaults = objectsOf(range.spec?.['limits']).filter(({ type }) => type === 'Container');
    return containersOf(pod).flatMap(({ container, kind }) =>
      defaults.flatMap((item) => fillIn(container, kind, item)),
    );
  });
  if (notes.length === 0) return;
  const spec = objectOf(pod['spec']);
  defaultRequests(spec);
  pod['status'] = { ...objectOf(pod['status']), qosClass: qosClassOf(spec) };
  pod.metadata.annotations = {
    ...pod.metadata.annotations,
    'kubernetes.io/limit-ranger': `LimitRanger plugin set: ${notes.join('; ')}`,
  };
}

/** Whether a new pod may be: LimitRanges first, then quotas. Throws 403 in the words of a real API server. */
export function admitPod(store: ObjectStore, pod: PodDraft): void {
  const { name } = pod.metadata;
  checkLimitRanges(store, pod);
  const wanted = podAmounts(objectOf(pod['spec']));
  for (const quota of quotasFor(store, pod)) {
    const missing = unsaid(pod, quota);
    if (missing.length > 0) {
      throw forbidden(pods, name, `failed quota: ${quota.metadata.name}: must specify ${missing.join('; ')}`);
    }
    checkQuota(store, pod, quota, wanted);
  }
}

/** Whether a pod may change its resources; only what grows counts against a quota. Throws 403. */
export function admitPodChange(store: ObjectStore, before: KubeObject, after: KubeObject): void {
  checkLimitRanges(store, after);
  const had = podAmounts(before.spec ?? {});
  const grown = [...podAmounts(after.spec ?? {})].map(
    ([name, { nano, format }]) => [name, { nano: nano - (had.get(name)?.nano ?? 0n), format }] as const,
  );
  for (const quota of quotasFor(store, after)) checkQuota(store, after, quota, new Map(grown));
}

function checkLimitRanges(store: ObjectStore, pod: PodDraft): void {
  const complaints = rangesFor(store, pod).flatMap((range) =>
    complaintsOfLimitRange(objectsOf(range.spec?.['limits']), objectOf(pod['spec'])),
  );
  if (complaints.length === 0) return;
  const [only = ''] = complaints;
  throw forbidden(pods, pod.metadata.name, complaints.length === 1 ? only : `[${complaints.join(', ')}]`);
}

/** Throws 403 when what is wanted on top of what is used would be above what the quota allows. */
function checkQuota(store: ObjectStore, pod: PodDraft, quota: KubeObject, wanted: Amounts): void {
  const used = usedAmounts(store.list('pods', pod.metadata.namespace));
  const exceeded = hardOf(quota).flatMap(([name, limit]) => {
    const more = wanted.get(name);
    if (more === undefined || more.nano <= 0n) return [];
    const now = used.get(name) ?? { nano: 0n, format: more.format };
    return now.nano + more.nano > limit.nano ? [{ name, more, now, limit }] : [];
  });
  if (exceeded.length === 0) return;
  const list = (what: 'more' | 'now' | 'limit'): string =>
    exceeded.map((each) => `${each.name}=${formatQuantity(each[what])}`).join(',');
  const why = `exceeded quota: ${quota.metadata.name}, requested: ${list('more')}, used: ${list('now')}, limited: ${list('limit')}`;
  throw forbidden(pods, pod.metadata.name, why);
}

/** Computing resources that a quota limits must be said for every container. */
function unsaid(pod: PodDraft, quota: KubeObject): readonly string[] {
  return hardOf(quota).flatMap(([name]) => {
    const [side, resource] = name.includes('.') ? name.split('.') : ['requests', name];
    if ((side !== 'requests' && side !== 'limits') || (resource !== 'cpu' && resource !== 'memory')) return [];
    const without = containersOf(pod).filter(({ container }) => amountIn(container, side, resource) === undefined);
    const names = without.map(({ container }) => textOf(container['name']) ?? '');
    return names.length === 0 ? [] : [`${name} for: ${names.join(',')}`];
  });
}

/** What a quota allows, in the order of the names. */
export function hardOf(
  quota: KubeObject,
): readonly (readonly [string, NonNullable<ReturnType<typeof parseQuantity>>])[] {
  return Object.entries(objectOf(quota.spec?.['hard']))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) => {
      const quantity = parseQuantity(value);
      return quantity === undefined ? [] : [[name, quantity] as const];
    });
}

function rangesFor(store: ObjectStore, { metadata }: PodDraft): readonly KubeObject[] {
  return store.list('limitranges', metadata.namespace ?? 'default');
}

function quotasFor(store: ObjectStore, { metadata }: PodDraft): readonly KubeObject[] {
  return store.list('resourcequotas', metadata.namespace ?? 'default');
}

function containersOf(pod: PodDraft): readonly { readonly container: JsonObject; readonly kind: string }[] {
  const spec = objectOf(pod['spec']);
  return [
    ...objectsOf(spec['containers']).map((container) => ({ container, kind: 'container' })),
    ...objectsOf(spec['initContainers']).map((container) => ({ container, kind: 'init container' })),
  ];
}

/** The annotation's words about one container: which requests and limits it was given. */
function fillIn(container: JsonObject, kind: string, item: JsonObject): readonly string[] {
  const given = (side: 'requests' | 'limits', defaults: JsonObject): readonly string[] => {
    const resources = objectOf(container['resources']);
    const missing = Object.keys(defaults).filter((name) => objectOf(resources[side])[name] === undefined);
    if (missing.length === 0) return [];
    const added = Object.fromEntries(missing.map((name) => [name, defaults[name]]));
    container['resources'] = { ...resources, [side]: { ...objectOf(resources[side]), ...added } };
    const what = side === 'requests' ? 'request' : 'limit';
    return [`${missing.toSorted().join(', ')} ${what} for ${kind} ${textOf(container['name']) ?? ''}`];
  };
  // The request's default first: else it would be set to the limit's.
  return [...given('requests', objectOf(item['defaultRequest'])), ...given('limits', objectOf(item['default']))];
}
