import type { Subject, Workload } from './kill.ts';
import type { PodView } from './pod.ts';
import { minuteMs } from '../units/duration.ts';
import { bounded, boundedOrNull } from '../units/text-bounds.ts';

/** Plausible schedule times: the CronJob controller writes minutes since 1970; before 1.21 it wrote seconds. */
const OLDEST_SCHEDULE_MS = Date.UTC(2017, 0, 1);
const NEWEST_SCHEDULE_MS = Date.UTC(2100, 0, 1);

/**
 * The subject of an incident about this container of this pod. It depends on the pod's own JSON alone: a lookup could
 * time out and give one kill two subjects. `container` is null for an eviction, which is about the whole pod.
 */
export function subjectOf(cluster: string, pod: PodView, container: string | null): Subject {
  const { kind, name } = workloadOf(pod);
  return {
    cluster,
    namespace: boundedOrNull(pod.namespace, 'name'),
    workload: { kind: bounded(kind, 'reason'), name: bounded(name, 'name') },
    container: boundedOrNull(container, 'name'),
  };
}

/** The top owner, as far as names and labels show. */
export function workloadOf(pod: PodView): Workload {
  const { owner } = pod;
  // A static pod's mirror is owned by its Node, which is no workload: its pods have nothing else in common.
  if (owner === null || owner.kind === 'Node') return { kind: 'Pod', name: barePodName(pod) };
  if (owner.kind === 'ReplicaSet') return replicaSetOwner(owner.name, pod.labels);
  if (owner.kind === 'Job') return jobOwner(owner.name);
  return owner;
}

function barePodName(pod: PodView): string {
  const prefix = pod.owner === null ? pod.generateName?.replace(/(?<!-)-+$/, '') : undefined;
  return prefix === undefined || prefix === '' ? pod.name : prefix;
}

function replicaSetOwner(name: string, labels: Readonly<Record<string, string>>): Workload {
  const owners = [
    { kind: 'Rollout', hash: labels['rollouts-pod-template-hash'] },
    { kind: 'Deployment', hash: labels['pod-template-hash'] },
  ];
  for (const { kind, hash } of owners) {
    const suffix = `-${hash}`;
    if (hash !== undefined && name.endsWith(suffix) && name.length > suffix.length) {
      return { kind, name: name.slice(0, -suffix.length) };
    }
  }
  return { kind: 'ReplicaSet', name };
}

/** The CronJob that a Job's name points to, else the Job itself. */
export function jobOwner(name: string): Workload {
  const match = /^(.+)-(\d{8}|\d{10})$/.exec(name);
  if (match === null) return { kind: 'Job', name };
  const [, cronJob = name, digits = ''] = match;
  const scheduledAtMs = Number(digits) * (digits.length === 8 ? minuteMs : 1_000);
  // A Job that is named after a date (`report-20261124`) reads as 2008 when taken for minutes.
  const plausible = scheduledAtMs >= OLDEST_SCHEDULE_MS && scheduledAtMs < NEWEST_SCHEDULE_MS;
  return plausible ? { kind: 'CronJob', name: cronJob } : { kind: 'Job', name };
}
