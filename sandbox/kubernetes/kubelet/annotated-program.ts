import { bytesOf } from './quantity.ts';
import type { KubeObject } from '../objects/object-store.ts';
import type { MemoryProgram } from './program.ts';

/** `0s=10Mi 2s=90Mi`: what the containers of a pod need, for whoever only has the API to say it. */
export const programAnnotation = 'sandbox.oomkeeper.dev/program';

/** The program in a pod's annotation; null without one that can be read. */
export function annotatedProgram(pod: KubeObject | undefined): MemoryProgram | null {
  const text = pod?.metadata.annotations?.[programAnnotation] ?? '';
  const points = [...text.matchAll(/(\d+)s=(\S+)/g)].flatMap(([, seconds, size]) => {
    const bytes = bytesOf(size ?? '');
    return bytes === undefined ? [] : [{ at: Number(seconds) * 1000, bytes }];
  });
  return points.length === 0 ? null : { points };
}
