/**
 * What the line of an Event holds that ends a container or may (core/kill/stop-order.ts reads them), or tells of a kill
 * on a node (oom-report.ts). An Event without
 * one of these is not parsed.
 */
export const eventNeedles: readonly string[] = [
  '"reason":"Killing"',
  '"reason":"Unhealthy"',
  '"reason":"Evicted"',
  '"reason":"Preempt',
  '"reason":"TaintManagerEviction"',
  '"reason":"NodeShutdown"',
  '"reason":"DeadlineExceeded"',
  '"reason":"OOMKilling"',
  '"reason":"SystemOOM"',
];
