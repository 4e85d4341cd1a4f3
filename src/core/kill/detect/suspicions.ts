import type { Detection } from './detection.ts';
import type { Exit } from './explain-exit.ts';
import type { Kill } from '../kill.ts';
import type { KillOrigin } from './make-kill.ts';
import { isPodCalled } from '../pod.ts';
import { createRecent } from '../../units/recent.ts';

/** A SIGKILL that nothing explains yet. */
export interface Suspicion {
  readonly exit: Exit;
  readonly origin: KillOrigin;
  /** The suspect that it becomes when nothing explains it. */
  readonly kill: Kill;
}

export interface Suspicions {
  readonly get: (fingerprint: string) => Suspicion | undefined;
  /** A new one waits for its explanation; a known one is only replaced. */
  readonly set: (suspicion: Suspicion) => void;
  readonly delete: (fingerprint: string) => void;
  /** By any name that an Event may have for the pod. */
  readonly ofPod: (podName: string) => readonly Suspicion[];
  /** Those whose window is over by `nowMs`, and the oldest above the bound: they are suspects now. */
  readonly tick: (nowMs: number) => readonly Detection[];
  readonly oldestPending: () => { readonly atMs: number; readonly resourceVersion: string | null } | null;
}

/** Keeps `max` pending ones and `max` suspects. */
export function createSuspicions({ windowMs, max }: { readonly windowMs: number; readonly max: number }): Suspicions {
  // In the order of arrival: the first is always the oldest.
  const pending = new Map<string, Suspicion>();
  const suspects = createRecent<Suspicion>(max);

  return {
    get: (fingerprint) => pending.get(fingerprint) ?? suspects.get(fingerprint),
    set: (suspicion) => {
      const { fingerprint } = suspicion.origin;
      if (suspects.get(fingerprint) === undefined) pending.set(fingerprint, suspicion);
      else suspects.set(fingerprint, suspicion);
    },
    delete: (fingerprint) => {
      pending.delete(fingerprint);
      suspects.delete(fingerprint);
    },
    ofPod: (podName) =>
      [...pending.values(), ...suspects.values()].filter(({ exit }) => isPodCalled(exit.pod, podName)),
    tick: (nowMs) => {
      const over: Detection[] = [];
      for (const [fingerprint, suspicion] of pending) {
        if (suspicion.origin.seenAtMs + windowMs > nowMs && pending.size <= max) break;
        pending.delete(fingerprint);
        suspects.set(fingerprint, suspicion);
        over.push({ is: 'kill', kill: suspicion.kill, problems: suspicion.exit.pod.problems });
      }
      return over;
    },
    oldestPending: () => {
      const [oldest] = pending.values();
      return oldest === undefined
        ? null
        : { atMs: oldest.origin.seenAtMs, resourceVersion: oldest.exit.pod.resourceVersion };
    },
  };
}
