/** Longer than a lock lasts and until somebody looks for jobs without one, ms. */
export const blockedMs = 3_500;
/** What a process says whose event loop stood still, or whose clock was set. */
export const blockedWords = 'the event loop stood still';
export const movedWords = 'the clock was set';
export const tenMinutesMs = 10 * 60_000;
