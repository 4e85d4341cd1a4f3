import { createHash } from 'node:crypto';
import { record } from '../../core/kill/json-read.ts';
import { readOomReport } from '../../core/kill/detect/oom-report.ts';
import type { PodView } from '../../core/kill/pod.ts';
import { readStopOrder } from '../../core/kill/detect/stop-order.ts';

/** An input of the detector. `atMs` is ms UTC. */
export interface KeptLine {
  readonly kind: 'Pod' | 'Event';
  readonly type: string;
  readonly object: unknown;
  readonly atMs: number;
}

/**
 * The lines about ends and stop orders in the order in which they happened: pieces of a recording may come in any
 * order. A pod that repeats itself is kept once, as it was first seen, so that memory is proportional
 * to kills and to the Events about them.
 */
export interface LineOrder {
  readonly pod: (type: string, object: unknown, view: PodView, atMs: number) => void;
  readonly event: (type: string, object: unknown, atMs: number) => void;
  readonly lines: () => readonly KeptLine[];
}

export function createLineOrder(): LineOrder {
  const pods = new Map<string, KeptLine>();
  const events: KeptLine[] = [];

  return {
    pod: (type, object, view, atMs) => {
      if (view.phase !== 'Failed' && view.containers.every(({ terminations }) => terminations.length === 0)) return;
      const words = JSON.stringify([type, { ...view, resourceVersion: null }]);
      const said = createHash('sha256').update(words).digest('base64');
      const known = pods.get(said);
      if (known === undefined || atMs < known.atMs) pods.set(said, { kind: 'Pod', type, object, atMs });
    },
    event: (type, object, atMs) => {
      if (readStopOrder(object) === null && readOomReport(object) === null) return;
      events.push({ kind: 'Event', type, object, atMs });
    },
    lines: () => [...pods.values(), ...events].toSorted((a, b) => a.atMs - b.atMs || rankOf(a) - rankOf(b)),
  };
}

/**
 * In one moment pods come in the order of their versions, Events after them. NOTE: a version is opaque by the API's
 * promise, and a growing number in every server there is; only lines of the same time need it.
 */
function rankOf({ kind, object }: KeptLine): number {
  return kind === 'Event' ? Number.MAX_SAFE_INTEGER : versionOf(object);
}

export function versionOf(object: unknown): number {
  const version = Number(record(record(object)['metadata'])['resourceVersion']);
  return Number.isSafeInteger(version) ? version : 0;
}
