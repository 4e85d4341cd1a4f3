export interface KillPriorityOptions {
  /** ms without a kill after which others have their turn. */
  readonly quietMs: number;
  /** ms that anybody waits at most, however many kills come. */
  readonly mostMs: number;
  /** ms, monotonic. */
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

/**
 * Lets kills go first: an explanation costs many times as much as an admission, and while one process does both, a first
 * message would wait behind the explanations of those before it.
 */
export interface KillPriority {
  /** A kill has come or was admitted. */
  readonly killed: () => void;
  /** Resolves when no kill has come for a moment. */
  readonly turn: () => Promise<void>;
}

export function createKillPriority({ quietMs, mostMs, now, wait }: KillPriorityOptions): KillPriority {
  let lastAt = -Infinity;
  return {
    killed: () => {
      lastAt = now();
    },
    turn: async () => {
      const latest = now() + mostMs;
      for (;;) {
        const left = Math.min(lastAt + quietMs, latest) - now();
        if (left <= 0) return;
        await wait(left);
      }
    },
  };
}
