const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `14:02:11 UTC`; of another day than `today` (ms UTC) with its date: `2026-11-24 14:02:11 UTC`. */
export function clockTime(at: number, today: number = at): string {
  const iso = new Date(at).toISOString();
  const time = `${iso.slice(11, 19)} UTC`;
  return iso.slice(0, 10) === new Date(today).toISOString().slice(0, 10) ? time : `${iso.slice(0, 10)} ${time}`;
}

/** A duration as people say it, in one unit: `40 s`, `12 min`, `6 h`, `3 d`. Minutes until 2 h, hours until 2 d. */
export function roughDuration(ms: number): string {
  const size = Math.max(0, ms);
  if (size < 2 * MINUTE_MS) return `${Math.round(size / 1000)} s`;
  if (size < 2 * HOUR_MS) return `${Math.round(size / MINUTE_MS)} min`;
  if (size < 2 * DAY_MS) return `${Math.round(size / HOUR_MS)} h`;
  return `${Math.round(size / DAY_MS)} d`;
}

/** `0.824` -> `82 %`. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
