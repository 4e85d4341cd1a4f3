import type { ApiCall } from './api-call.ts';
import { notCovered, notFound } from './api-error.ts';
import { numberIn } from './list-options.ts';
import { isOver, isTerminating, numberAt } from '../controllers/context.ts';
import { textOf } from '../objects/json-value.ts';
import type { KubeObject } from '../objects/object-store.ts';

/**
 * Answers DELETE on a pod with the pod. Its kubelet ends it within its grace period; one that has ended or has no node is
 * gone at once, and one that is being deleted already stays as it is.
 */
export function deletePodOf({ context, resource, namespace, query, body }: ApiCall, name: string): KubeObject {
  const { store, clock, timestamp } = context;
  const pod = store.get('pods', namespace, name);
  if (pod === undefined) throw notFound(resource, name);
  if (body !== '' && body !== '{}') throw notCovered('options in the body of a deletion');
  if (query.has('dryRun')) throw notCovered('a dry run of a deletion');
  if (isTerminating(pod)) return pod;
  const isIdle = isOver(pod) || (textOf(pod.spec?.['nodeName']) ?? '') === '';
  const asked = numberIn(query, 'gracePeriodSeconds') ?? numberAt(pod.spec, 'terminationGracePeriodSeconds', 30);
  const seconds = isIdle ? 0 : asked;
  const marked = store.write('pods', namespace, name, ({ metadata }) => {
    metadata.deletionTimestamp = timestamp(clock.now() + seconds * 1000);
    metadata['deletionGracePeriodSeconds'] = seconds;
  });
  const { finalizers } = pod.metadata;
  if (seconds === 0 && !(Array.isArray(finalizers) && finalizers.length > 0)) store.remove('pods', namespace, name);
  return marked ?? pod;
}
