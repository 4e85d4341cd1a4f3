import type { Trigger } from '../kill/trigger.ts';

/** What happened, in the words of Kubernetes. */
export const killWords: Readonly<Record<Trigger['kind'], string>> = {
  container: 'OOMKilled',
  start: 'OOMKilled while starting',
  'child-process': 'Child process OOM-killed',
  eviction: 'Evicted for memory',
  node: 'Node out of memory',
  self: 'Out of memory (gave up on its own)',
  ahead: 'Close to its limit',
};
