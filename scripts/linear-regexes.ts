import { globSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseSync, Visitor } from 'oxc-parser';
import { parseRegex, runRegex, type RegexNode } from './regex-steps.ts';
import type { Source } from './unreached.ts';

/*
 * Regular expressions in `src` whose steps grow faster than what they read: one text of a cluster could stop a process
 * with them. Each is run over texts that are made of its own characters and parts, over and over, at three lengths. What
 * is found is certain and comes with such a text; that nothing is found is no proof, but every kind that we have had is.
 */

/** A text that a pattern takes too long for: `before`, then `again` as often as one likes, then `after`. */
export interface Slow {
  readonly before: string;
  readonly again: string;
  readonly after: string;
}

/** Patterns that are made when the process runs and cannot be looked at here: each with what keeps it harmless. */
const madeAtRunTime: Readonly<Record<string, string>> = {
  'src/core/recommend/heap-edit.ts': 'of one or two words, each escaped, with white space between them',
  'src/adapters/slack/listeners/register.ts': 'of our own constants, and begins and ends with the text',
};

/** A repetition that ends after more times than this is taken for one without an end. */
const mostTimes = 100;
/** Twice the text in twice the steps is linear; four times the steps is quadratic. */
const linearGrowth = 2.6;
const fewestTimes = 12;
/** So few for each character that nothing is behind it. */
const fewSteps = 5;
const mostSteps = 300_000;
const probes = [
  ...Array.from({ length: 95 }, (_, index) => String.fromCodePoint(0x20 + index)),
  ...Array.from('\n\t\u0001é\u00ad\u200b\u2028\ud800\ufeff😀'),
];

/** One line for each pattern that is not linear, or that cannot be looked at. */
export function superLinear(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ path, text }) => {
    const { program, errors } = parseSync(path, text);
    const [error] = errors;
    if (error) throw new Error(`${path} cannot be parsed: ${error.message}`);
    const found: string[] = [];
    const place = (start: number): string => `${path}:${text.slice(0, start).split('\n').length}`;
    const made = (callee: { readonly type: string; readonly name?: unknown }, start: number): void => {
      if (callee.type === 'Identifier' && callee.name === 'RegExp' && madeAtRunTime[path] === undefined)
        found.push(`${place(start)} is made at run time, so nothing can say that it is linear`);
    };
    new Visitor({
      Literal(node) {
        if (!('regex' in node)) return;
        const slow = slowText(node.regex.pattern, node.regex.flags);
        if (slow !== null) found.push(`${place(node.start)} /${node.regex.pattern}/ is not linear: ${shown(slow)}`);
      },
      NewExpression({ callee, start }) {
        made(callee, start);
      },
      CallExpression({ callee, start }) {
        made(callee, start);
      },
    }).visit(program);
    return found;
  });
}

/** A kind of text that the pattern's steps grow faster for than the text does; null where none was found. */
export function slowText(source: string, flags: string): Slow | null {
  const pattern = bounded(parseRegex(source, flags));
  if (!hasRepeat(pattern)) return null;
  const characters = kindsOfCharacters(pattern);
  const { before, parts } = piecesOf(pattern);
  const pairs = characters.length > 10 ? [] : characters.flatMap((one) => characters.map((other) => one + other));
  const again = [...new Set([...parts, ...characters, ...pairs])].filter((text) => text !== '');
  const longest = longestRepeat(pattern);
  for (const start of new Set(['', ...before]))
    for (const pump of again) {
      const times = Math.max(fewestTimes, Math.ceil((2 * longest) / pump.length));
      for (const after of ['', ...characters]) {
        const steps = (count: number): number =>
          runRegex(pattern, { text: start + pump.repeat(count) + after, flags, most: mostSteps }).steps;
        const four = steps(4 * times);
        if (four < fewSteps * 4 * times * pump.length) continue;
        const [one, two] = [steps(times), steps(2 * times)];
        if (four > mostSteps || four - two > linearGrowth * (two - one)) return { before: start, again: pump, after };
      }
    }
  return null;
}

function bounded(node: RegexNode): RegexNode {
  switch (node.is) {
    case 'set':
    case 'edge':
      return node;
    case 'sequence':
      return { ...node, parts: node.parts.map(bounded) };
    case 'choice':
      return { ...node, options: node.options.map(bounded) };
    case 'look':
      return { ...node, of: bounded(node.of) };
    case 'repeat':
      return {
        ...node,
        of: bounded(node.of),
        least: Math.min(node.least, mostTimes),
        most: node.most > mostTimes ? Infinity : node.most,
      };
  }
}

function childrenOf(node: RegexNode): readonly RegexNode[] {
  if (node.is === 'sequence') return node.parts;
  if (node.is === 'choice') return node.options;
  return node.is === 'repeat' || node.is === 'look' ? [node.of] : [];
}

/** Whether anything may come more than once. */
function hasRepeat(node: RegexNode): boolean {
  return (node.is === 'repeat' && node.most > 1) || childrenOf(node).some(hasRepeat);
}

/** How many characters the longest repetition takes that ends. */
function longestRepeat(node: RegexNode): number {
  const times = node.is !== 'repeat' ? 0 : node.most === Infinity ? node.least : node.most;
  const own = node.is === 'repeat' ? times * exampleOf(node.of).length : 0;
  return childrenOf(node).reduce((most, child) => Math.max(most, longestRepeat(child)), own);
}

/** One character of each kind that the pattern tells apart. */
function kindsOfCharacters(pattern: RegexNode): string[] {
  const setsOf = (node: RegexNode): ((character: string) => boolean)[] =>
    node.is === 'set' ? [node.matches] : childrenOf(node).flatMap(setsOf);
  const sets = setsOf(pattern);
  const kinds = new Map<string, string>();
  for (const character of [...probes, exampleOf(pattern)].flatMap((text) => Array.from(text))) {
    const kind = sets.map((matches) => Number(matches(character))).join('');
    if (!kinds.has(kind)) kinds.set(kind, character);
  }
  return [...kinds.values()];
}

/** Something that a part of a pattern matches. */
function exampleOf(node: RegexNode): string {
  switch (node.is) {
    case 'set':
      return exampleOfSet(node.matches);
    case 'edge':
    case 'look':
      return '';
    case 'sequence':
      return node.parts.map(exampleOf).join('');
    case 'choice':
      return node.options[0] ? exampleOf(node.options[0]) : '';
    case 'repeat':
      return exampleOf(node.of).repeat(Math.max(1, node.least));
  }
}

function exampleOfSet(matches: (character: string) => boolean): string {
  // Letters first: what a class and its neighbours have in common is mostly these.
  const usual = ['a', 'A', '1', ...probes].find((character) => matches(character));
  if (usual !== undefined) return usual;
  for (let point = 0; point < 0x1_0000; point += 1) {
    const character = String.fromCharCode(point);
    if (matches(character)) return character;
  }
  return '';
}

/** What stands before each repetition, and the parts that a text can be made of: from one repetition or group to another. */
function piecesOf(pattern: RegexNode): { readonly before: readonly string[]; readonly parts: readonly string[] } {
  const before: string[] = [];
  const parts: string[] = [];
  const visit = (node: RegexNode, prefix: string): void => {
    if (node.is === 'repeat') before.push(prefix);
    if (node.is !== 'sequence') {
      parts.push(exampleOf(node));
      for (const child of childrenOf(node)) visit(child, prefix);
      return;
    }
    const ends = [0, node.parts.length];
    for (const [index, part] of node.parts.entries()) {
      if (part.is === 'set') continue;
      ends.push(index, index + 1);
      visit(part, prefix + exampleOf({ is: 'sequence', parts: node.parts.slice(0, index) }));
    }
    for (const from of new Set(ends))
      for (const to of new Set(ends))
        if (from < to) parts.push(exampleOf({ is: 'sequence', parts: node.parts.slice(from, to) }));
  };
  visit(pattern, '');
  return { before, parts };
}

function shown({ before, again, after }: Slow): string {
  const start = before === '' ? '' : `${JSON.stringify(before)}, then `;
  return `${start}${JSON.stringify(again)} again and again${after === '' ? '' : `, then ${JSON.stringify(after)}`}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const sources = globSync('src/**/*.ts').map((path) => ({
    path: path.replaceAll('\\', '/'),
    text: readFileSync(path, 'utf8'),
  }));
  if (sources.length === 0) throw new Error('There is no src here.');
  const found = superLinear(sources);
  process.stdout.write(found.map((line) => `${line}\n`).join(''));
  process.exitCode = found.length === 0 ? 0 : 1;
}
