/** Slack's short names of the emoji that the bot uses. A name that is not here stays text, as an unknown one does. */
const glyphs: ReadonlyMap<string, string> = new Map(
  Object.entries({
    red_circle: '🔴',
    large_yellow_circle: '🟡',
    large_green_circle: '🟢',
    large_blue_circle: '🔵',
    white_circle: '⚪',
    large_orange_circle: '🟠',
    black_circle: '⚫',
    warning: '⚠️',
    rotating_light: '🚨',
    white_check_mark: '✅',
    x: '❌',
    no_entry: '⛔',
    hourglass_flowing_sand: '⏳',
    double_vertical_bar: '⏸️',
    arrow_forward: '▶️',
    eyes: '👀',
    bell: '🔔',
    no_bell: '🔕',
    zzz: '💤',
    bulb: '💡',
    lock: '🔒',
    speech_balloon: '💬',
    rocket: '🚀',
    information_source: 'ℹ️',
  }),
);

/** The picture for a Slack short name without its colons; undefined where Slack would show the name as text. */
export const emojiGlyph = (name: string): string | undefined => glyphs.get(name);
