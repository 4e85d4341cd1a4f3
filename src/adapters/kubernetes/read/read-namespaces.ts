import { Failure } from '../../../core/failure.ts';
import { record, text } from '../../../core/kill/json-read.ts';
import { listPages } from '../transport/list-pages.ts';
import type { Transport } from '../transport/transport.ts';
import { bounded } from '../../../core/units/text-bounds.ts';

/** Names of all namespaces; null where the worker may not list them. @throws other Failures */
export async function readNamespaces(transport: Transport, deadlineMs: number): Promise<readonly string[] | null> {
  const names: string[] = [];
  try {
    await listPages(transport, { path: '/api/v1/namespaces', endsAt: Date.now() + deadlineMs }, (namespace) => {
      const name = text(record(namespace['metadata'])['name']);
      if (name !== null) names.push(bounded(name, 'name'));
    });
  } catch (error) {
    if (error instanceof Failure && error.code === 'cluster-forbidden') return null;
    throw error;
  }
  return names;
}
