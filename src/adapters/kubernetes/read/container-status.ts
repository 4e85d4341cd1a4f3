import { record, records } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';

const groups = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;

/** The status of one container of a pod; null when the kubelet has reported none. */
export function containerStatus(pod: JsonRecord, name: string): JsonRecord | null {
  const status = record(pod['status']);
  for (const group of groups) {
    const found = records(status[group]).find((one) => one['name'] === name);
    if (found) return found;
  }
  return null;
}
