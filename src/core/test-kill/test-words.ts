import type { Trigger } from '../kill/trigger.ts';

/** Whether it is about a pod that was made to be killed. */
export function isTest({ test }: Pick<Trigger, 'test'>): boolean {
  return test !== undefined;
}

/** What a thread says of such a kill in place of a cause and a fix. `test` is what the pod says of its maker; it may be ''. */
export function testSentence(test: string): string {
  const by = test === '' ? '' : ` by ${test}`;
  return `This is a test${by}: its pod was made to run out of memory. There is nothing to fix.`;
}
