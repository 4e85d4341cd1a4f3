import { admitPod, defaultByLimitRanges } from '../admission/admit-pod.ts';
import { ApiError } from '../server/api-error.ts';
import type { ControllerContext } from './context.ts';
import type { KubeObject, NewObject } from '../objects/object-store.ts';

/** A controller that was refused tries again, virtual ms. */
const retryMs = 10_000;

/**
 * Creates a pod for its controller, through the same admission as everybody's. Where a LimitRange or a quota refuses
 * it, that becomes the Event FailedCreate and the returned message; the controller looks again later.
 */
export function createPodFor(
  context: ControllerContext,
  owner: KubeObject,
  pod: NewObject,
  by: { readonly resource: string; readonly component: string; readonly created: string },
): string | undefined {
  const { store } = context;
  const events = context.events(by.component);
  try {
    defaultByLimitRanges(store, pod);
    admitPod(store, pod);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { message } = error;
    events.record({ about: owner, type: 'Warning', reason: 'FailedCreate', message: `Error creating: ${message}` });
    context.again(by.resource, owner, retryMs);
    return message;
  }
  store.create('pods', pod);
  events.record({ about: owner, type: 'Normal', reason: 'SuccessfulCreate', message: by.created });
  return undefined;
}
