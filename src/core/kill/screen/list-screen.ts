import { record } from '../json-read.ts';
import { createLineScreen } from './screen.ts';
import type { LineScreenOptions } from './screen.ts';
import type { ScreenedLine } from './screened-line.ts';

/*
 * Screens the items of a list as they arrive, like the lines of a watch: a page of 500 pods is several MB, and parsing
 * it would block the watch. The API server writes a typed list compactly, its `metadata` before its `items`, and each
 * item, having neither kind nor apiVersion, begins with its own `metadata`. Quotes within strings are escaped, so the
 * bytes between two items occur nowhere else; the comma between them is overwritten with a newline.
 *
 * A page that begins differently was re-encoded by a proxy. It is kept and parsed as a whole.
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
      /** Items of a page that had to be parsed. */
      readonly parsed: readonly unknown[];
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
  let state: 'head' | 'items' | 'parse' = 'head';
  let about: ListMetadata | null = null;
  let whole: Buffer[] = [];

  function push(chunk: Buffer): readonly ScreenedLine[] {
    if (state === 'parse') {
      whole.push(Buffer.from(chunk));
      return [];
    }
    const bytes = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
    return state === 'head' ? pushHead(bytes) : pushItems(bytes);
  }

  function pushHead(bytes: Buffer): readonly ScreenedLine[] {
    const at = bytes.indexOf(ITEMS);
    if (at === -1 && bytes.length < MOST_HEAD_BYTES) {
      kept = Buffer.from(bytes);
      return [];
    }
    about = at === -1 ? null : metadataOf(parse(`${bytes.toString('utf8', 0, at)}"items":[]}`));
    if (about === null) {
      state = 'parse';
      whole = [Buffer.from(bytes)];
      kept = Buffer.alloc(0);
      return [];
    }
    state = 'items';
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

  function end(): ListEnd {
    if (state !== 'items' || about === null) return endParsed(Buffer.concat([...whole, kept]));
    const rest = kept.toString('latin1').trimEnd();
    if (!rest.endsWith(']}')) return { is: 'broken' };
    const last = screen.push(Buffer.from(`${rest.slice(0, -2)}\n`, 'latin1'));
    return { is: 'whole', lines: [...last, ...screen.end()], parsed: [], ...about };
  }

  return { push, end };
}

function endParsed(page: Buffer): ListEnd {
  const list = parse(page.toString('utf8'));
  const { items } = record(list);
  const about = metadataOf(list);
  // Go encodes an empty list as null.
  if (about === null || !(Array.isArray(items) || items === null)) return { is: 'broken' };
  return { is: 'whole', lines: [], parsed: items ?? [], ...about };
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
