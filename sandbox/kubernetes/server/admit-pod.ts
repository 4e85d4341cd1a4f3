import { forbidden } from './api-error.ts';
import type { ApiResource } from './coverage.ts';
import { isOver } from '../controllers/context.ts';
import { objectOf, objectsOf, textOf } from '../objects/json-value.ts';
import type { JsonObject, NewObject, ObjectStore } from '../objects/object-store.ts';
import { bytesOf } from '../objects/quantity.ts';
import { podResources } from '../kubelet/spec.ts';
import type { Resources } from '../kubelet/spec.ts';

const enforced = 'pod-security.kubernetes.io/enforce';

/**
 * What admission refuses of a new pod, in the words of 1.36 (recorded): the restricted PodSecurity level where the
 * namespace enforces it, a LimitRange of containers' memory, and quotas of memory and pods. Throws 403.
 */
export function admitNewPod(
  store: ObjectStore,
  resource: ApiResource,
  pod: NewObject,
  labels: Readonly<Record<string, string>>,
): void {
  const { name, namespace } = pod.metadata;
  const refuse = (why: string): never => {
    throw forbidden(resource, name, why, []);
  };
  const containers = objectsOf(objectOf(pod['spec'])['containers']);
  for (const range of store.list('limitranges', namespace))
    for (const why of rangeProblems(range.spec, containers)) refuse(why);
  const level = labels[enforced];
  const violations = level === 'restricted' ? restrictedProblems(objectOf(pod['spec']), containers) : [];
  if (violations.length > 0) refuse(`violates PodSecurity "restricted:latest": ${violations.join(', ')}`);
  const others = store.list('pods', namespace).filter((other) => !isOver(other));
  for (const quota of store.list('resourcequotas', namespace)) {
    const why = quotaProblem(objectOf(quota.spec?.['hard']), pod, others);
    if (why !== null) refuse(`exceeded quota: ${quota.metadata.name}, ${why}`);
  }
}

function rangeProblems(spec: JsonObject | undefined, containers: readonly JsonObject[]): readonly string[] {
  const rules = objectsOf(spec?.['limits']).filter(({ type }) => type === 'Container');
  return rules.flatMap((rule) =>
    containers.flatMap((container) => {
      const { limits, requests } = objectOf(container['resources']);
      const [limit, request] = [textOf(objectOf(limits)['memory']), textOf(objectOf(requests)['memory'])];
      const [most, least] = [textOf(objectOf(rule['max'])['memory']), textOf(objectOf(rule['min'])['memory'])];
      return [
        ...((bytesOf(limit) ?? 0) > (bytesOf(most) ?? Infinity)
          ? [`maximum memory usage per Container is ${most ?? ''}, but limit is ${limit ?? ''}`]
          : []),
        ...((bytesOf(request) ?? Infinity) < (bytesOf(least) ?? 0)
          ? [`minimum memory usage per Container is ${least ?? ''}, but request is ${request ?? ''}`]
          : []),
      ];
    }),
  );
}

function restrictedProblems(spec: JsonObject, containers: readonly JsonObject[]): readonly string[] {
  const ofPod = objectOf(spec['securityContext']);
  return containers.flatMap((container) => {
    const own = objectOf(container['securityContext']);
    const named = `container "${textOf(container['name']) ?? ''}" must set`;
    const drop = objectOf(own['capabilities'])['drop'];
    const profile = objectOf(own['seccompProfile'] ?? ofPod['seccompProfile'])['type'];
    return [
      ...(own['allowPrivilegeEscalation'] === false
        ? []
        : [`allowPrivilegeEscalation != false (${named} securityContext.allowPrivilegeEscalation=false)`]),
      ...(Array.isArray(drop) && drop.includes('ALL')
        ? []
        : [`unrestricted capabilities (${named} securityContext.capabilities.drop=["ALL"])`]),
      ...((own['runAsNonRoot'] ?? ofPod['runAsNonRoot']) === true
        ? []
        : [`runAsNonRoot != true (pod or ${named} securityContext.runAsNonRoot=true)`]),
      ...(profile === 'RuntimeDefault' || profile === 'Localhost'
        ? []
        : [`seccompProfile (pod or ${named} securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")`]),
    ];
  });
}

function quotaProblem(hard: JsonObject, pod: NewObject, others: readonly NewObject[]): string | null {
  const amounts: Readonly<Record<string, (one: NewObject) => number>> = {
    pods: () => 1,
    'requests.memory': (one) => bytesOf(memoryOf(one).requests?.['memory']) ?? 0,
    'limits.memory': (one) => bytesOf(memoryOf(one).limits?.['memory']) ?? 0,
  };
  for (const [what, amount] of Object.entries(amounts)) {
    const most = bytesOf(hard[what]);
    if (most === undefined) continue;
    const used = others.reduce((sum, one) => sum + amount(one), 0);
    if (used + amount(pod) <= most) continue;
    const shown = (value: number): string => `${what}=${what === 'pods' ? value : `${value / 2 ** 20}Mi`}`;
    return `requested: ${shown(amount(pod))}, used: ${shown(used)}, limited: ${shown(most)}`;
  }
  return null;
}

function memoryOf(pod: NewObject): Resources {
  const containers = objectsOf(objectOf(pod['spec'])['containers']).map(({ resources }): Resources => {
    const { limits, requests } = objectOf(resources);
    return { limits: texts(limits), requests: texts(requests) };
  });
  return podResources(containers, []);
}

function texts(amounts: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(objectOf(amounts)).map(([name, value]) => [name, String(value)]));
}
