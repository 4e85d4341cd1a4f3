import type { Kill } from '../../kill/kill.ts';
import { parseBytes } from '../../units/quantity.ts';

/** What the kubelet said about the container that made it choose the pod. Bytes. */
export interface EvictionUsage {
  readonly container: string;
  readonly usedBytes: number;
  readonly requestBytes: number | null;
}

const said = /Container (\S+) was using (\d\w*), request is (\d\w*)/g;

/**
 * The usage that an eviction's message names ("Container app was using 157056Ki, request is 20Mi"), of the container
 * that used the most; null for other kills and other wordings.
 */
export function evictionUsage({ kind, message }: Pick<Kill, 'kind' | 'message'>): EvictionUsage | null {
  if (kind !== 'eviction' || message === null) return null;
  const all = [...message.matchAll(said)].flatMap(([, container = '', used = '', request = '']) => {
    const usedBytes = bytesOf(used);
    const requestBytes = bytesOf(request);
    return usedBytes === null ? [] : [{ container, usedBytes, requestBytes: requestBytes === 0 ? null : requestBytes }];
  });
  return all.toSorted((a, b) => b.usedBytes - a.usedBytes)[0] ?? null;
}

function bytesOf(text: string): number | null {
  try {
    return parseBytes(text);
  } catch {
    return null;
  }
}
