import { Failure } from '../../../core/failure.ts';
import { record, text, timeMs } from '../../../core/kill/json-read.ts';
import { testSelector } from '../../../core/test-kill/test-pod.ts';
import type { TestPod } from '../../../core/test-kill/test-pod.ts';
import { mayI } from '../read/review-access.ts';
import { clientsOver } from '../transport/clients.ts';
import { listPages } from '../transport/list-pages.ts';
import type { Transport } from '../transport/transport.ts';

const deadlineMs = 10_000;

/** What making a test pod, looking at it and removing it needs, on pods of the namespace. */
const neededVerbs = ['create', 'get', 'list', 'delete'] as const;

/**
 * The pods of tests in one namespace. Only those with the label of a test are ever removed. Each function throws the
 * transport's failures.
 */
export function createTestPods(transport: Transport, namespace: string) {
  const { core } = clientsOver(transport, deadlineMs);
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;

  return {
    /** Which of the needed verbs on pods our account lacks there. */
    lacking: async (): Promise<readonly string[]> => {
      const answers = await Promise.all(
        neededVerbs.map((verb) => mayI(transport, { verb, group: '', resource: 'pods' }, namespace, deadlineMs)),
      );
      return neededVerbs.filter((_, index) => answers[index]?.allowed !== true);
    },
    create: async (pod: TestPod): Promise<void> => {
      await core.createNamespacedPod({ namespace, body: pod, fieldManager: 'oomkeeper' });
    },
    /** The pod as the API server gives it; null where it is gone. */
    read: (name: string): Promise<unknown> =>
      orGone(transport.json({ path: `${path}/${encodeURIComponent(name)}`, deadlineMs })),
    /** One that is gone already is no failure. */
    remove: async (name: string): Promise<void> => {
      await orGone(core.deleteNamespacedPod({ namespace, name }));
    },
    /** Names of the pods of tests that were created so long ago (ms) by the API server's clock. */
    olderThan: async (ageMs: number): Promise<readonly string[]> => {
      const { headers } = await transport.answer({ path: '/version', deadlineMs });
      const now = timeMs(headers.date) ?? Date.now();
      const found: string[] = [];
      const query = { labelSelector: testSelector };
      await listPages(transport, { path, query, endsAt: Date.now() + deadlineMs }, (pod) => {
        const { name, creationTimestamp } = record(pod['metadata']);
        const made = timeMs(creationTimestamp);
        if (made !== null && now - made >= ageMs) found.push(text(name) ?? '');
      });
      return found.filter((name) => name !== '');
    },
  };
}

async function orGone<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Failure && error.code === 'cluster-not-found') return null;
    throw error;
  }
}
