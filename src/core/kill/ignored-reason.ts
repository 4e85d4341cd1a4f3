/**
 * Why something that looks like a memory kill is not one. `sticky-reason`: the runtime keeps `OOMKilled` after an
 * earlier process was killed. `invented-status`: the kubelet made the exit code up.
 */
export const ignoredReasons = [
  'liveness-probe',
  'startup-probe',
  'graceful-stop',
  'resize-restart',
  'definition-changed',
  'deleted',
  'drained',
  'preempted',
  'evicted',
  'node-shutdown',
  'deadline',
  'sticky-reason',
  'invented-status',
  'disk-eviction',
  'pid-eviction',
  'admission',
] as const;
export type IgnoredReason = (typeof ignoredReasons)[number];
