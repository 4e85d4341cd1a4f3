import { setTimeout as sleep } from 'node:timers/promises';
import type { Detection } from '../../../core/kill/detect/detection.ts';
import type { IgnoredReason } from '../../../core/kill/ignored-reason.ts';
import type { Kill } from '../../../core/kill/kill.ts';
import type { AtRisk, Trigger } from '../../../core/kill/trigger.ts';
import { createBackOff } from '../transport/back-off.ts';

/** What the watch finds: possible kills, and warnings. */
export type Found = Detection | { readonly is: 'at-risk'; readonly atRisk: AtRisk };

export interface OutboxOptions {
  /** Puts it into the queue; rejects quickly when it cannot. */
  readonly emit: (trigger: Trigger) => Promise<void>;
  readonly random: () => number;
  readonly on: {
    readonly queued: (kill: Kill, problems: readonly string[]) => void;
    readonly warned: (atRisk: AtRisk) => void;
    readonly ignored: (reason: IgnoredReason, kill: Kill) => void;
    readonly queueFailed: (error: unknown) => void;
  };
}

/** Detections that are not in the queue yet. Bounded, because callers wait for `settle` before they read on. */
export interface Outbox {
  readonly add: (found: readonly Found[]) => void;
  /**
   * Resolves when everything added before is in the queue, however long that is unreachable; after `signal` is aborted
   * each kill gets one last try. Never rejects.
   */
  readonly settle: (signal: AbortSignal) => Promise<void>;
}

export function createOutbox({ emit, random, on }: OutboxOptions): Outbox {
  let waiting: Found[] = [];
  let queueing: Promise<void> = Promise.resolve();

  async function queueOne(trigger: Trigger, signal: AbortSignal): Promise<boolean> {
    const backOff = createBackOff(random);
    for (;;) {
      try {
        await emit(trigger);
        return true;
      } catch (error) {
        on.queueFailed(error);
        if (signal.aborted) return false;
        await sleep(backOff.next(), undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async function queueAll(found: readonly Found[], signal: AbortSignal): Promise<void> {
    await Promise.all(
      found.map(async (one) => {
        if (one.is === 'ignored') on.ignored(one.reason, one.kill);
        else if (one.is === 'at-risk') {
          if (await queueOne(one.atRisk, signal)) on.warned(one.atRisk);
        } else if (await queueOne(one.kill, signal)) on.queued(one.kill, one.problems);
      }),
    );
  }

  return {
    add: (more) => {
      waiting.push(...more);
    },
    settle: (signal) => {
      const found = waiting;
      waiting = [];
      if (found.length > 0) queueing = queueing.then(() => queueAll(found, signal));
      return queueing;
    },
  };
}
