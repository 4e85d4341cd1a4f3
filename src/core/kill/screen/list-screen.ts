import { createJsonItems } from '../../json-items.ts';
import type { JsonItems } from '../../json-items.ts';
import { record } from '../json-read.ts';
import { createLineScreen, usualMaxLineBytes } from './screen.ts';
import type { LineScreenOptions } from './screen.ts';
import type { ScreenedLine } from './screened-line.ts';

/*
 * Screens the items of a list as they arrive, like the lines of a watch: a page of 500 pods is several MB, and parsing
 * it would block the watch. The API server writes a typed list compactly, its `metadata` before its `items`, and each
 * item, having neither kind nor apiVersion, begins with its own `metadata`. Quotes within strings are escaped, so the
 * bytes between two items occur nowhere else; the comma between them is overwritten with a newline.
 *
 * A page that begins differently was re-encoded by a proxy. Its items are parsed, one at a time, and encoded as the API
 * server would.
 */
export interface ListScreen {
  /** NOTE: writes into the chunk. The `bytes` of a line are one object, and may point into the chunk. */
  readonly push: (chunk: Buffer) => readonly ScreenedLine[];
  readonly end: () => ListEnd;
}

/** `broken`: the list is not complete. */
export type ListEnd =
  | {
      readonly is: 'whole';
      readonly lines: readonly ScreenedLine[];
      readonly resourceVersion: string;
      /** Token of the next page. */
      readonly next: string | null;
    }
  | { readonly is: 'broken' };

const ITEMS = Buffer.from('"items":[{"metadata":{');
const ITEM_START = '{"metadata":{';
const BETWEEN = Buffer.from(`},${ITEM_START}`);
const LINE_FEED = 0x0a;
/** The list's own fields take about a hundred bytes, and a token a few hundred. */
const MOST_HEAD_BYTES = 16 * 1024;

export function createListScreen(options: LineScreenOptions = {}): ListScreen {
  const screen = createLineScreen({ ...options, start: ITEM_START });
  /** Before the first item: the head. Afterwards: the last bytes, which may be the start of a separator. */
  let kept: Buffer = Buffer.alloc(0);
  let about: ListMetadata | null = null;
  /** Of a page that has to be parsed. */
  let items: JsonItems | null = null;
  let parsed: ScreenedLine[] = [];

  function push(chunk: Buffer): readonly ScreenedLine[] {
    if (items !== null) return pushParsed(items, chunk);
    const bytes = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
    return about === null ? pushHead(bytes) : pushItems(bytes);
  }

  function pushHead(bytes: Buffer): readonly ScreenedLine[] {
    const at = bytes.indexOf(ITEMS);
    if (at === -1 && bytes.length < MOST_HEAD_BYTES) {
      kept = Buffer.from(bytes);
      return [];
    }
    about = at === -1 ? null : metadataOf(parse(`${bytes.toString('utf8', 0, at)}"items":[]}`));
    if (about === null) {
      kept = Buffer.alloc(0);
      items = parsedItems();
      return pushParsed(items, bytes);
    }
    return pushItems(bytes.subarray(at + ITEMS.length - ITEM_START.length));
  }

  function pushItems(bytes: Buffer): readonly ScreenedLine[] {
    for (let at = bytes.indexOf(BETWEEN); at !== -1; at = bytes.indexOf(BETWEEN, at + BETWEEN.length))
      bytes[at + 1] = LINE_FEED;
    const safe = Math.max(0, bytes.length - BETWEEN.length + 1);
    // A copy, because a slice would keep the whole chunk in memory.
    kept = Buffer.from(bytes.subarray(safe));
    return screen.push(bytes.subarray(0, safe));
  }

  function parsedItems(): JsonItems {
    return createJsonItems({
      within: '{[',
      mostItemBytes: options.maxLineBytes ?? usualMaxLineBytes,
      take: (item) => void parsed.push(...screen.push(Buffer.from(`${JSON.stringify(item)}\n`))),
    });
  }

  function pushParsed(into: JsonItems, chunk: Buffer): readonly ScreenedLine[] {
    into.push(chunk);
    const found = parsed;
    parsed = [];
    return found;
  }

  function endParsed(page: JsonItems): ListEnd {
    const lines = pushParsed(page, kept);
    const whole = page.end();
    const metadata = metadataOf(whole?.rest);
    const { items: list } = record(whole?.rest);
    // Go encodes an empty list as null.
    const isList = list === null || (Array.isArray(list) && list.length === whole?.items);
    if (whole === null || metadata === null || !isList) return { is: 'broken' };
    const tooLong: readonly ScreenedLine[] =
      whole.tooLong === 0 ? [] : [{ is: 'too-long', bytes: Buffer.from('an item of a list'), after: null }];
    return { is: 'whole', lines: [...lines, ...screen.end(), ...tooLong], ...metadata };
  }

  function end(): ListEnd {
    if (about === null) return endParsed(items ?? parsedItems());
    const rest = kept.toString('latin1').trimEnd();
    if (!rest.endsWith(']}')) return { is: 'broken' };
    const last = screen.push(Buffer.from(`${rest.slice(0, -2)}\n`, 'latin1'));
    return { is: 'whole', lines: [...last, ...screen.end()], ...about };
  }

  return { push, end };
}

interface ListMetadata {
  readonly resourceVersion: string;
  readonly next: string | null;
}

function metadataOf(list: unknown): ListMetadata | null {
  const { resourceVersion, continue: token } = record(record(list)['metadata']);
  if (typeof resourceVersion !== 'string') return null;
  return { resourceVersion, next: typeof token === 'string' && token !== '' ? token : null };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
