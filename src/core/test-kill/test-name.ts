import { shortHash } from '../units/short-hash.ts';

/**
 * The name of a test's pod. Each test has its own: the pod's name is the workload that an incident is about, and a test
 * that joined the thread of the one before would show nothing new. The same `id` gives the same name.
 */
export function testName(id: string): string {
  return `oomkeeper-try-kill-${shortHash(id, 5).toLowerCase()}`;
}
