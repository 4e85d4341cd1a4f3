/**
 * Slack's date tokens, shown in the reader's own zone and language:
 * https://docs.slack.dev/messaging/formatting-message-text#date-formatting
 */
type Style = Intl.DateTimeFormatOptions;

const day: Readonly<Record<string, Style>> = {
  date: { year: 'numeric', month: 'long', day: 'numeric' },
  date_short: { year: 'numeric', month: 'short', day: 'numeric' },
  date_long: { year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' },
  date_slash: { year: 'numeric', month: '2-digit', day: '2-digit' },
};
const clock: Readonly<Record<string, Style>> = {
  time: { hour: 'numeric', minute: '2-digit' },
  time_secs: { hour: 'numeric', minute: '2-digit', second: '2-digit' },
};

const show = (at: Date, style: Style): string => new Intl.DateTimeFormat(undefined, style).format(at);

const midnight = (at: Date): number => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();

/** "today", "yesterday" or "tomorrow" as seen from `now` (ms UTC); null on any other day. */
const nearDay = (at: Date, now: number): string | null => {
  // Half a day of slack: a day has 23 or 25 hours when the clocks change.
  const days = Math.round((midnight(at) - midnight(new Date(now))) / 86_400_000);
  return days === 0 ? 'today' : days === -1 ? 'yesterday' : days === 1 ? 'tomorrow' : null;
};

const ago = (at: Date, now: number): string => {
  const seconds = Math.round((at.getTime() - now) / 1000);
  const units = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const;
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? (['second', 1] as const);
  return new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' }).format(Math.trunc(seconds / size), unit);
};

const token = (name: string, at: Date, now: number): string | null => {
  if (name === 'ago') return ago(at, now);
  if (name === 'date_num') {
    const two = (part: number): string => String(part).padStart(2, '0');
    return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  }
  const pretty = name.endsWith('_pretty') ? nearDay(at, now) : null;
  if (pretty !== null) return pretty;
  const style = day[name.replace(/_pretty$/, '')] ?? clock[name];
  return style === undefined ? null : show(at, style);
};

/** A `<!date^…>` text; `fallback` when the format has a token that Slack doesn't know. Times: seconds and ms UTC. */
export const formatDate = (seconds: number, format: string, fallback: string, now: number): string => {
  const at = new Date(seconds * 1000);
  let known = true;
  const text = format.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const shown = token(name, at, now);
    if (shown === null) known = false;
    return shown ?? '';
  });
  return known ? text : fallback;
};

/** The time beside a name, as Slack shows it. `ts` is a Slack message id: seconds with a fraction. */
export const messageTime = (ts: string): { readonly iso: string; readonly short: string; readonly full: string } => {
  const at = new Date(Number(ts) * 1000);
  return {
    iso: at.toISOString(),
    short: show(at, { hour: 'numeric', minute: '2-digit' }),
    full: show(at, { dateStyle: 'full', timeStyle: 'medium' }),
  };
};

/** The label of a day divider. */
export const dayLabel = (ts: string, now: number): string => {
  const at = new Date(Number(ts) * 1000);
  const near = nearDay(at, now);
  return near === null
    ? show(at, { weekday: 'long', month: 'long', day: 'numeric' })
    : near.charAt(0).toUpperCase() + near.slice(1);
};
