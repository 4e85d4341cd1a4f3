/** A command of a line of a shell: its words, without what is only the shell's. */
export interface Command {
  /** As it stands in the page, without the comment. */
  readonly text: string;
  /** `NAME=value` before the program. */
  readonly variables: readonly string[];
  readonly words: readonly string[];
  /** Whether it reads what the command before it writes. */
  readonly isPiped: boolean;
}

const token =
  /\s*(?:(?<comment>#.*)|(?<ends>\|\||&&|[|;])|(?<redirect>\d?>{1,2}\s*\S+)|(?<word>(?:"[^"]*"|'[^']*'|\\.|[^\s"'\\|;&>])+))/y;

/**
 * The commands of a line, or of several that end in a backslash. Reads what stands in a guide, and throws at what it does
 * not know: heredocs, loops, substitutions.
 */
export function commandsIn(line: string): readonly Command[] {
  const commands: Command[] = [];
  let words: string[] = [];
  let from = 0;
  let isPiped = false;
  const end = (at: number, pipes: boolean): void => {
    const isAssignment = (word: string): boolean => /^[A-Z_]+=/.test(word);
    const first = words.findIndex((word) => !isAssignment(word));
    const start = first === -1 ? words.length : first;
    const text = line.slice(from, at).trim();
    if (words.length > 0)
      commands.push({ text, variables: words.slice(0, start), words: words.slice(start).map(unquoted), isPiped });
    words = [];
    isPiped = pipes;
  };
  token.lastIndex = 0;
  let at = 0;
  while (line.slice(at).trim() !== '') {
    token.lastIndex = at;
    const groups = token.exec(line)?.groups;
    if (groups === undefined || /\$\(|`|<</.test(groups['word'] ?? '')) throw new Error(`cannot be read: ${line}`);
    if (groups['comment'] !== undefined) break;
    if (groups['word'] !== undefined) words.push(groups['word']);
    if (groups['ends'] !== undefined) {
      end(at, groups['ends'] === '|');
      from = token.lastIndex;
    }
    at = token.lastIndex;
  }
  end(at, false);
  return commands;
}

const unquoted = (word: string): string =>
  word.replaceAll(
    /"([^"]*)"|'([^']*)'|\\(.)/g,
    (_, double?: string, single?: string, escaped?: string) => double ?? single ?? escaped ?? '',
  );
