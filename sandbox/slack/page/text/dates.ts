/**
 * Times in the reader's own zone and language, those of Slack's date tokens among them:
 * https://docs.slack.dev/messaging/formatting-message-text#date-formatting
 */
const styles: Readonly<Record<string, Intl.DateTimeFormatOptions>> = {
  date: { year: 'numeric', month: 'long', day: 'numeric' },
  date_short: { year: 'numeric', month: 'short', day: 'numeric' },
  time: { hour: 'numeric', minute: '2-digit' },
  time_secs: { hour: 'numeric', minute: '2-digit', second: '2-digit' },
};

const show = (at: Date, style: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat(undefined, style).format(at);

const midnight = (at: Date): number => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();

/** "today", "yesterday" or "tomorrow" as seen from `now` (ms UTC); null on any other day. */
const nearDay = (at: Date, now: number): string | null => {
  // Half a day of slack: a day has 23 or 25 hours when the clocks change.
  const days = Math.round((midnight(at) - midnight(new Date(now))) / 86_400_000);
  return days === 0 ? 'today' : days === -1 ? 'yesterday' : days === 1 ? 'tomorrow' : null;
};

/** `3 minutes ago`, in the largest unit that is not 0. ms. */
const ago = (ms: number): string => {
  const units = { day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1_000 } as const;
  const words = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
  const passed = Math.abs(ms);
  const unit =
    passed >= units.day ? 'day' : passed >= units.hour ? 'hour' : passed >= units.minute ? 'minute' : 'second';
  return words.format(-Math.trunc(ms / units[unit]), unit);
};

/** A `<!date^…>` text; `fallback` when the format has a token that is not known. Times: seconds and ms UTC. */
export const formatDate = (seconds: number, format: string, fallback: string, now: number): string => {
  const at = new Date(seconds * 1000);
  let known = true;
  const text = format.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const near = name.endsWith('_pretty') ? nearDay(at, now) : null;
    if (name === 'ago') return ago(now - at.getTime());
    const style = styles[name.replace(/_pretty$/, '')];
    if (style === undefined) known = false;
    return near ?? show(at, style ?? {});
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
