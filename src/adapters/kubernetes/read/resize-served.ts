import { record, records } from '../../../core/kill/json-read.ts';
import type { Transport } from '../transport/transport.ts';

/** Whether the API server serves `pods/resize`. Asked each time: an upgrade or a feature gate changes the answer. */
export async function resizeServed(transport: Transport, deadlineMs: number): Promise<boolean> {
  const list = record(await transport.json({ path: '/api/v1', deadlineMs }));
  return records(list['resources']).some((resource) => resource['name'] === 'pods/resize');
}
