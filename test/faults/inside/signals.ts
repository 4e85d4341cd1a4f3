/** What on-signal.ts does to a process of a system at a signal, and what the process says of it then. */
export const blocking = { signal: 'SIGUSR2', words: 'the event loop stood still' } as const;
export const settingClock = { signal: 'SIGPWR', words: 'the clock was set' } as const;

/** Longer than a lock lasts and until somebody looks for jobs without one, ms. */
export const blockedMs = 3_500;

const tenMinutesMs = 10 * 60_000;
/** How far clocks are set ahead, in turn, ms. */
export const clockSettings = [tenMinutesMs, 0, -tenMinutesMs, 0] as const;

/** Variables of a system whose processes heed these signals. */
export const heedingSignals = { NODE_OPTIONS: `--import=${new URL('on-signal.ts', import.meta.url).href}` };
