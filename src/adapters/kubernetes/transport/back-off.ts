/**
 * Waits grow from 0.2 s by doubling to 10 s, each between half of that and half as much again at random: watchers that
 * lost one API server at the same time must not come back together.
 */
export function createBackOff(random: () => number) {
  let failures = 0;
  return {
    reset: (): void => {
      failures = 0;
    },
    /** ms until the next try. */
    next: (): number => {
      const base = Math.min(10_000, 200 * 2 ** failures);
      failures += 1;
      return base * (0.5 + random());
    },
  };
}
