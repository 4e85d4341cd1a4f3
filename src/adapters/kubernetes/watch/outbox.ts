import { setTimeout as sleep } from 'node:timers/promises';
import type { Detection } from '../../../core/kill/detect/detection.ts';
import type { IgnoredReason } from '../../../core/kill/ignored-reason.ts';
import type { Kill } from '../../../core/kill/kill.ts';
import { createBackOff } from '../transport/back-off.ts';

export interface OutboxOptions {
  /** Puts a kill into the queue; rejects quickly when it cannot. */
  readonly emit: (kill: Kill) => Promise<void>;
  readonly random: () => number;
  readonly on: {
    readonly queued: (kill: Kill, problems: readonly string[]) => void;
    readonly ignored: (reason: IgnoredReason, kill: Kill) => void;
    readonly queueFailed: (error: unknown) => void;
  };
}

/** What was detected and is not in the queue yet. Bounded by its callers, who wait for `settle` before they read on. */
export interface Outbox {
  readonly add: (detections: readonly Detection[]) => void;
  /**
   * Resolves when all that was added before is in the queue, however long the queue is away; after `signal` was
   * aborted each kill has one last try. Never rejects.
   */
  readonly settle: (signal: AbortSignal) => Promise<void>;
}

export function createOutbox({ emit, random, on }: OutboxOptions): Outbox {
  let waiting: Detection[] = [];
  let queueing: Promise<void> = Promise.resolve();

  async function queueOne(kill: Kill, signal: AbortSignal): Promise<boolean> {
    const backOff = createBackOff(random);
    for (;;) {
      try {
        await emit(kill);
        return true;
      } catch (error) {
        on.queueFailed(error);
        if (signal.aborted) return false;
        await sleep(backOff.next(), undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async function queueAll(found: readonly Detection[], signal: AbortSignal): Promise<void> {
    await Promise.all(
      found.map(async (detection) => {
        if (detection.is === 'ignored') on.ignored(detection.reason, detection.kill);
        else if (await queueOne(detection.kill, signal)) on.queued(detection.kill, detection.problems);
      }),
    );
  }

  return {
    add: (detections) => {
      waiting.push(...detections);
    },
    settle: (signal) => {
      const found = waiting;
      waiting = [];
      if (found.length > 0) queueing = queueing.then(() => queueAll(found, signal));
      return queueing;
    },
  };
}
