/*
 * A backtracking matcher that counts: how many characters a regular expression looks at, as V8 would go about it. Counted
 * steps say the same on every machine, however busy; a clock does not.
 */

/** One character of a pattern (a literal, a class, an escape, a dot), or what is built of such. */
export type RegexNode =
  | { readonly is: 'set'; readonly matches: (character: string) => boolean }
  | { readonly is: 'edge'; readonly holds: (text: string, index: number) => boolean }
  | { readonly is: 'sequence'; readonly parts: readonly RegexNode[] }
  | { readonly is: 'choice'; readonly options: readonly RegexNode[] }
  | {
      readonly is: 'repeat';
      readonly of: RegexNode;
      readonly least: number;
      readonly most: number;
      readonly greedy: boolean;
    }
  | { readonly is: 'look'; readonly of: RegexNode; readonly ahead: boolean; readonly wanted: boolean };

const quantifier = /(?:[*+?]|\{(\d+)(,)?(\d*)\})(\??)/y;
const escape = /\\(?:u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[pP]\{[^}]*\}|c[A-Za-z]|[^])/uy;
const setOfCharacters = /\[(?:\\[^]|[^\]\\])*\]/uy;
const group = /\((?:\?(?:(:)|(=)|(!)|(<=)|(<!)|<\w+>))?/y;

/** Throws Error for what it does not know: back references, flags that begin at a group, sets of sets. */
export function parseRegex(source: string, flags: string): RegexNode {
  let at = 0;
  const inCharacters = flags.replaceAll(/[gy]/g, '');
  const take = (form: RegExp): RegExpExecArray | null => {
    form.lastIndex = at;
    const found = form.exec(source);
    if (found !== null) at = form.lastIndex;
    return found;
  };
  const setOf = (text: string): RegexNode => ({ is: 'set', matches: remembering(text, inCharacters) });
  const edgeOf = (text: string): RegexNode => {
    const form = new RegExp(text, `${inCharacters}y`);
    return {
      is: 'edge',
      holds: (whole, index) => {
        form.lastIndex = index;
        return form.test(whole);
      },
    };
  };

  const choice = (): RegexNode => {
    const options: RegexNode[] = [sequence()];
    while (source[at] === '|') {
      at += 1;
      options.push(sequence());
    }
    return options.length === 1 && options[0] ? options[0] : { is: 'choice', options };
  };
  const sequence = (): RegexNode => {
    const parts: RegexNode[] = [];
    while (at < source.length && source[at] !== '|' && source[at] !== ')') parts.push(repeated(atom()));
    return { is: 'sequence', parts };
  };
  const repeated = (of: RegexNode): RegexNode => {
    const found = take(quantifier);
    if (found === null) return of;
    const [sign = '', from, comma, to, lazy] = found;
    const least = from === undefined ? (sign.startsWith('+') ? 1 : 0) : Number(from);
    const unbounded = from === undefined ? !sign.startsWith('?') : comma !== undefined && to === '';
    const most = unbounded ? Infinity : from === undefined ? 1 : Number(comma === undefined ? from : to);
    return { is: 'repeat', of, least, most, greedy: lazy === '' };
  };
  const atom = (): RegexNode => {
    const opened = take(group);
    if (opened !== null) {
      const [, , ahead, notAhead, behind, notBehind] = opened;
      const of = choice();
      if (source[at] !== ')') throw new Error(`A group that is not understood: ${source}`);
      at += 1;
      if (ahead || notAhead) return { is: 'look', of, ahead: true, wanted: notAhead === undefined };
      return behind || notBehind ? { is: 'look', of, ahead: false, wanted: notBehind === undefined } : of;
    }
    const listed = take(setOfCharacters);
    if (listed !== null) return setOf(listed[0]);
    const escaped = take(escape)?.[0];
    if (escaped !== undefined) {
      if (/^\\[1-9k]/.test(escaped)) throw new Error(`A back reference cannot be linear: ${source}`);
      return /^\\b$/i.test(escaped) ? edgeOf(escaped) : setOf(escaped);
    }
    const character = flags.includes('u') ? String.fromCodePoint(source.codePointAt(at) ?? 0) : (source[at] ?? '');
    at += character.length;
    return character === '^' || character === '$' ? edgeOf(character) : setOf(character);
  };

  const parsed = choice();
  if (at < source.length) throw new Error(`Not understood from place ${at} on: ${source}`);
  return parsed;
}

function remembering(text: string, flags: string): (character: string) => boolean {
  const form = new RegExp(`^(?:${text})$`, flags.replace('m', ''));
  const known = new Map<string, boolean>();
  return (character) => {
    const before = known.get(character);
    if (before !== undefined) return before;
    const matches = form.test(character);
    known.set(character, matches);
    return matches;
  };
}

type Then = (index: number) => boolean;
type Matcher = (index: number, then: Then) => boolean;

/**
 * Where a pattern matches, one match after the other as `matchAll` finds them, and in how many steps.
 * Stops looking after `most` steps; `found` is incomplete then.
 */
export function runRegex(
  pattern: RegexNode,
  { text, flags, most }: { readonly text: string; readonly flags: string; readonly most: number },
): { readonly steps: number; readonly found: readonly (readonly [from: number, to: number])[] } {
  const wholePoints = /[uv]/.test(flags);
  let steps = 0;
  const step = (): void => {
    steps += 1;
    if (steps > most) throw new TooManySteps();
  };
  const widthAt = (index: number): number => (wholePoints && (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1);
  const widthBefore = (index: number): number => (wholePoints && index > 1 && widthAt(index - 2) === 2 ? 2 : 1);

  /** The place behind the character of a set; -1 where another stands. */
  const past = (matches: (character: string) => boolean, forward: boolean, index: number): number => {
    step();
    const width = forward ? widthAt(index) : widthBefore(index);
    const [from, to] = forward ? [index, index + width] : [index - width, index];
    if (from < 0 || to > text.length || !matches(text.slice(from, to))) return -1;
    return forward ? to : from;
  };

  const matcherOf = (node: RegexNode, forward: boolean): Matcher => {
    switch (node.is) {
      case 'set':
        return (index, then) => {
          const next = past(node.matches, forward, index);
          return next !== -1 && then(next);
        };
      case 'edge':
        return (index, then) => {
          step();
          return node.holds(text, index) && then(index);
        };
      case 'look': {
        const inner = matcherOf(node.of, node.ahead);
        return (index, then) => inner(index, () => true) === node.wanted && then(index);
      }
      case 'choice': {
        const options = node.options.map((option) => matcherOf(option, forward));
        return (index, then) => options.some((option) => option(index, then));
      }
      case 'sequence': {
        const parts = node.parts.map((part) => matcherOf(part, forward));
        if (!forward) parts.reverse();
        const from = (part: number, index: number, then: Then): boolean => {
          const matcher = parts[part];
          return matcher === undefined ? then(index) : matcher(index, (next) => from(part + 1, next, then));
        };
        return (index, then) => from(0, index, then);
      }
      case 'repeat': {
        const { of, least, most: mostTimes, greedy } = node;
        // Not by recursion: most repetitions are of single characters, and long.
        if (of.is === 'set')
          return (index, then) => {
            const places = [index];
            for (let at = index; places.length <= mostTimes;) {
              if (!greedy && places.length > least && then(at)) return true;
              at = past(of.matches, forward, at);
              if (at === -1) return greedy && backwards(places, least, then);
              places.push(at);
            }
            return greedy ? backwards(places, least, then) : then(places.at(-1) ?? index);
          };
        const inner = matcherOf(of, forward);
        const again = (times: number, index: number, then: Then): boolean => {
          step();
          const more = (): boolean =>
            times < mostTimes &&
            inner(index, (next) => (next !== index || times < least) && again(times + 1, next, then));
          if (times < least) return more();
          return greedy ? more() || then(index) : then(index) || more();
        };
        return (index, then) => again(0, index, then);
      }
    }
  };

  const whole = matcherOf(pattern, true);
  const found: (readonly [number, number])[] = [];
  try {
    for (let index = 0; index <= text.length;) {
      let end = -1;
      const matches = whole(index, (to) => {
        end = to;
        return true;
      });
      if (matches) found.push([index, end]);
      else if (flags.includes('y')) break;
      index = matches && end > index ? end : index + widthAt(index);
    }
  } catch (error) {
    if (!(error instanceof TooManySteps)) throw error;
  }
  return { steps, found };
}

/** Tries the longest repetition first. */
function backwards(places: readonly number[], least: number, then: Then): boolean {
  for (let times = places.length - 1; times >= least; times -= 1) if (then(places[times] ?? 0)) return true;
  return false;
}

class TooManySteps extends Error {}
