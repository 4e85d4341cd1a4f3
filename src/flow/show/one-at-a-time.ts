/** The result of a call: nothing left to do, or due again later. */
export type Shown =
  | { readonly is: 'shown' }
  /** Due again at `until` (ms UTC). */
  | { readonly is: 'postponed'; readonly until: number; readonly because: unknown };

interface Running {
  /** It was called again meanwhile. */
  again: boolean;
  shown: Promise<Shown>;
}

/** Like `run`, but never twice at a time for the same id; a call while it runs makes it run once more. */
export function oneAtATime(run: (id: string) => Promise<Shown>): (id: string) => Promise<Shown> {
  const running = new Map<string, Running>();
  return async (id) => {
    const current = running.get(id);
    if (current !== undefined) {
      current.again = true;
      return current.shown;
    }
    const started: Running = { again: false, shown: Promise.resolve({ is: 'shown' }) };
    started.shown = (async () => {
      try {
        for (;;) {
          started.again = false;
          const shown = await run(id);
          if (!started.again || shown.is === 'postponed') return shown;
        }
      } finally {
        running.delete(id);
      }
    })();
    running.set(id, started);
    return started.shown;
  };
}
