import { Failure } from '../../../core/failure.ts';
import type { CgroupPlace } from '../../../core/kill/cgroup.ts';
import { record } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import { listPages } from '../transport/list-pages.ts';
import type { Transport } from '../transport/transport.ts';

const deadlineMs = 10_000;

/**
 * The pod that a kernel message names by uid, searched among the pods of its node, because the API cannot find a pod by
 * uid. Null if it is gone or cannot be read.
 */
export async function findPod(
  transport: Transport,
  node: string,
  { podUid }: CgroupPlace,
  namespace: string,
): Promise<JsonRecord | null> {
  let found: JsonRecord | null = null;
  try {
    await listPages(
      transport,
      {
        path: `/api/v1${namespace}/pods`,
        query: { fieldSelector: `spec.nodeName=${node}` },
        endsAt: Date.now() + deadlineMs,
      },
      (pod) => {
        // A static pod's cgroup has the hash of its file, not the uid of its mirror pod.
        const { uid, annotations } = record(pod['metadata']);
        if (uid === podUid || record(annotations)['kubernetes.io/config.hash'] === podUid) found = pod;
      },
    );
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
  return found;
}
