/*
 * Reads a long list in JSON as its bytes arrive: one item at a time is parsed and handed on, so that neither the text
 * nor all of the objects are ever in memory, and nothing else has to wait long. Parsed at once, an answer of 32 MiB
 * took 1.5 GB.
 */
export interface JsonItems {
  readonly push: (chunk: Buffer) => void;
  /** Null if what came is not JSON, or only a part of it. */
  readonly end: () => JsonRest | null;
}

export interface JsonRest {
  /** Everything but the items, each of which has left a 0 in its place. */
  readonly rest: unknown;
  readonly items: number;
  /** Of these, items that were longer than the bound and so were not handed on. */
  readonly tooLong: number;
}

export interface JsonItemsOptions {
  /** What is open around an item: `{[` for `{"items":[…]}`, `{{[` for `{"data":{"result":[…]}}`. Items are objects. */
  readonly within: string;
  readonly mostItemBytes: number;
  readonly take: (item: unknown) => void;
}

/** Apart from its items an answer is a few hundred bytes, and two for each item. */
const mostRestBytes = 4 * 2 ** 20;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;

/** @throws what `take` throws */
export function createJsonItems({ within, mostItemBytes, take }: JsonItemsOptions): JsonItems {
  const around = Buffer.from(within);
  /** What is open, as far down as an item is looked for. */
  const opened = Buffer.alloc(around.length);
  let depth = 0;
  let inString = false;
  let isEscaped = false;
  let isItem = false;
  let isBroken = false;
  let parts: Buffer[] = [];
  let itemBytes = 0;
  /** Latin-1, whatever the bytes mean: a character may lie in two chunks. */
  let rest = '';
  let items = 0;
  let tooLong = 0;

  function keep(part: Buffer): void {
    if (!isItem) {
      isBroken ||= rest.length + part.length > mostRestBytes;
      if (!isBroken) rest += part.toString('latin1');
      return;
    }
    itemBytes += part.length;
    if (itemBytes <= mostItemBytes) parts.push(part);
    else parts = [];
  }

  function endItem(): void {
    const isWhole = itemBytes <= mostItemBytes;
    const text = isWhole ? Buffer.concat(parts).toString('utf8') : '';
    [parts, itemBytes, isItem] = [[], 0, false];
    items += 1;
    keep(Buffer.from('0'));
    if (!isWhole) {
      tooLong += 1;
      return;
    }
    const item = parse(text);
    if (item === undefined) isBroken = true;
    else take(item);
  }

  function push(chunk: Buffer): void {
    let from = 0;
    for (let at = 0; at < chunk.length && !isBroken; at += 1) {
      const byte = chunk[at];
      if (inString) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) inString = false;
      } else if (byte === QUOTE) {
        inString = true;
      } else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
        if (!isItem && byte === OPENING_BRACE && depth === around.length && opened.equals(around)) {
          keep(chunk.subarray(from, at));
          from = at;
          isItem = true;
        }
        if (depth < opened.length) opened[depth] = byte;
        depth += 1;
      } else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) {
        depth -= 1;
        if (isItem && depth === around.length) {
          keep(chunk.subarray(from, at + 1));
          from = at + 1;
          endItem();
        }
      }
    }
    if (from < chunk.length) keep(chunk.subarray(from));
  }

  function end(): JsonRest | null {
    if (isBroken || isItem) return null;
    const parsed = parse(Buffer.from(rest, 'latin1').toString('utf8'));
    return parsed === undefined ? null : { rest: parsed, items, tooLong };
  }

  return { push, end };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
