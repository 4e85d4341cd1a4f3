/** The options of a command, as its help lists them. */
export interface Known {
  /** Of each option whether a value follows it. */
  readonly options: ReadonlyMap<string, boolean>;
}

/** Of help as Go's programs and ours print it: `-n, --namespace string`, `--as='':`, `--yes=false:`, `--seed N`. */
export function optionsIn(help: string): Known {
  const options = new Map<string, boolean>();
  const listed = /^ *(?:(-\w), )?(--[\w-]+)(?:(=(?:true|false):|(?:\[=| {2,}|$))|(?: \S|=))/gm;
  for (const [, short, long = '', isSwitch] of help.matchAll(listed)) {
    // What explains another option may begin a line too, further below.
    for (const name of [long, short])
      if (name !== undefined && !options.has(name)) options.set(name, isSwitch === undefined);
  }
  return { options };
}

export interface Split {
  readonly given: ReadonlyMap<string, readonly string[]>;
  /** What is no option; what comes after `--` is in `rest`. */
  readonly words: readonly string[];
  readonly rest: readonly string[];
  /** What is wrong with the options; empty when nothing is. */
  readonly problems: readonly string[];
}

/** Splits the words of a command line by what its help says. */
export function splitOptions(all: readonly string[], { options }: Known): Split {
  const given = new Map<string, readonly string[]>();
  const words: string[] = [];
  const problems: string[] = [];
  const end = all.includes('--') ? all.indexOf('--') : all.length;
  const line = all.slice(0, end);
  for (let at = 0; at < line.length; at += 1) {
    const word = line[at] ?? '';
    if (!/^--?[a-z]/.test(word)) {
      words.push(word);
      continue;
    }
    const [name = '', attached] = word.split(/=(.*)/s);
    const takesValue = options.get(name);
    if (takesValue === undefined) problems.push(`there is no option ${name}`);
    if (takesValue === true && attached === undefined) at += 1;
    const value = attached ?? (takesValue === true ? line[at] : '');
    if (value === undefined) problems.push(`${name} lacks its value`);
    given.set(name, [...(given.get(name) ?? []), value ?? '']);
  }
  return { given, words, rest: all.slice(end + 1), problems };
}
