import { readNamespaces } from '../../adapters/kubernetes/read/read-namespaces.ts';
import type { Transport } from '../../adapters/kubernetes/transport/transport.ts';
import { Failure } from '../../core/failure.ts';
import { nearNames } from '../../core/talk/scope.ts';
import { namesOf } from '../../core/talk/words.ts';

const answerMs = 10_000;

/**
 * Listing a namespace that does not exist returns nothing, as if all were well. @throws Failure('unknown-namespace')
 */
export async function refuseUnknown(transport: Transport, namespaces: readonly string[]): Promise<void> {
  if (namespaces.length === 0) return;
  // Null where they may not be listed: then nobody knows.
  const existing = await readNamespaces(transport, answerMs);
  const unknown = existing === null ? undefined : namespaces.find((name) => !existing.includes(name));
  if (existing === null || unknown === undefined) return;
  const near = nearNames(unknown, existing);
  const meant = near.length === 0 ? '' : ` Did you mean ${namesOf(near, near.length)}?`;
  throw new Failure('unknown-namespace', `The cluster has no namespace "${unknown}".${meant}`);
}
