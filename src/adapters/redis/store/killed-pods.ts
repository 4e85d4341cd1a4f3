import type { Kill } from '../../../core/kill/kill.ts';
import type { KilledPod } from '../../../core/talk/pod-history.ts';
import type { ClusterKeys } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';

/*
 * Which incident a pod was killed in, of open incidents and closed ones: a line for each pod of an incident, so that a
 * crash loop takes one. Kubernetes' names hold neither space nor slash. The commit script puts the incident before it.
 */
export function killedPodText({ subject, pod }: Pick<Kill, 'subject' | 'pod'>): string {
  return `${subject.namespace ?? '-'}/${pod} ${subject.workload.name}`;
}

/** The one killed last comes last. */
export async function readKilledPods(redis: RedisClient, keys: ClusterKeys): Promise<readonly KilledPod[]> {
  const found = await guarded(redis.zrange(keys.killedPods, 0, '-1', 'WITHSCORES'));
  return found.flatMap((text, at) => (at % 2 === 0 ? (read(text, Number(found[at + 1])) ?? []) : []));
}

function read(text: string, at: number): KilledPod | null {
  const [incident, place = '', workload] = text.split(' ');
  const [namespace, pod] = place.split('/');
  if (incident === undefined || workload === undefined || pod === undefined || namespace === undefined) return null;
  return { incident, namespace: namespace === '-' ? null : namespace, pod, workload, at };
}
