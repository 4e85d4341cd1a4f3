/** `-Dname=…`, `--name=…` and other names with a value behind them. */
const named = /^(--?[A-Za-z][\w.-]*)[=:]/;
/** Flags of HotSpot: `-XX:+UseG1GC`. */
const hotSpot = /^(-XX:)[+-]?(\w+)/;
/** Sizes: `-Xss512k`. */
const size = /^(-X[a-z]+)\d/;
/** Long flags without a value: `--enable-source-maps`. */
const long = /^--[a-z]+(?:-[a-z]+)*$/;
const longestName = 60;

/** The name of an option, without its value, which may be a secret; null for a word that may be a value itself. */
export function optionName(word: string): string | null {
  const text = word.replaceAll(/["']/g, '');
  const [, xx, flag] = hotSpot.exec(text) ?? [];
  const name =
    xx !== undefined ? `${xx}${flag}` : (named.exec(text)?.[1] ?? size.exec(text)?.[1] ?? long.exec(text)?.[0]);
  return name === undefined || name.length > longestName ? null : name;
}
