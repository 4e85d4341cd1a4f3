import type { Detection } from '../../../../src/core/kill/detect/detection.ts';
import { createDetector } from '../../../../src/core/kill/detect/detector.ts';
import { atMs } from './pod-yaml.ts';

/** A moment in the life of the pod: what came over the watch in this second. */
export interface Moment {
  readonly second: number;
  readonly pod?: unknown;
  readonly event?: unknown;
  readonly type?: string;
}

/** Plays a timeline and says what was detected, `flush` included. */
export function play(moments: readonly Moment[]): readonly Detection[] {
  const detector = createDetector({ cluster: 'prod' });
  const found = moments.flatMap(({ second, pod, event, type = 'MODIFIED' }) => [
    ...(pod === undefined ? [] : detector.pod(type, pod, { atMs: atMs(second) })),
    ...(event === undefined ? [] : detector.event('ADDED', event, { atMs: atMs(second) })),
  ]);
  return [...found, ...detector.flush()];
}

/** One short sentence for each: what, container, container id. */
export function say(detections: readonly Detection[]): readonly string[] {
  return detections.map((found) => {
    const { kind, suspect, containerId, subject } = found.kill;
    const which = `${subject.container ?? 'pod'} ${containerId?.replace('containerd://', '') ?? '-'}`;
    return found.is === 'ignored' ? `ignored ${found.reason} ${which}` : `${suspect ? 'suspect' : kind} ${which}`;
  });
}
