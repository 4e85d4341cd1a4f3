import { Failure } from '../../../core/failure.ts';
import { record, text } from '../../../core/kill/json-read.ts';
import { createListScreen } from '../../../core/kill/screen/list-screen.ts';
import type { LineScreenOptions } from '../../../core/kill/screen/screen.ts';
import type { ScreenedLine } from '../../../core/kill/screen/screened-line.ts';
import { readBody } from '../transport/read-body.ts';
import { createSilence } from './silence.ts';
import { errorTextOf } from '../../error-text.ts';
import { failureOf } from '../transport/transport.ts';
import type { Transport } from '../transport/transport.ts';
import { serverTime } from './watch-stream.ts';

export interface ScreenedList {
  readonly transport: Transport;
  /** Of the collection, without a query. */
  readonly path: string;
  readonly screen: LineScreenOptions;
  readonly signal: AbortSignal;
  readonly answered: (serverTime: number | null) => void;
  /** So many bytes have arrived. */
  readonly heard: (bytes: number) => void;
  /**
   * Objects that may be of interest. Reading waits for it.
   */
  readonly take: (lines: readonly ScreenedLine[]) => Promise<void>;
}

const pageSize = 500;
/** After so long without a byte of a page the connection counts as dead, ms. */
const silentMs = 30_000;
/** How often a list may be restarted because it took longer than the server keeps its version. */
const mostRestarts = 2;

/**
 * Lists page by page, for servers without streaming lists, and returns the version to watch from.
 *
 * A page that comes too late, because the server has compacted its history (every 5 min), is refused with 410 and a
 * token for the rest as it is now. The list is then restarted: what was read twice counts once, while with that token a
 * pod of the first pages that was killed in between would be missed by both list and watch. A cluster that cannot be
 * listed within 5 min would never finish that way, so after two restarts the token is used, and the first pages are read
 * again at the end. Missed are then only pods that were killed and deleted in between.
 */
export async function listScreened(options: ScreenedList): Promise<string> {
  const { resourceVersion, older } = await readPages(options, { most: Infinity, restarts: mostRestarts });
  // One more, because new pods may have moved the others back. Where that takes too long as well, of these the first.
  let again = older === 0 ? 0 : older + 1;
  while (again > 0) again = (await readPages(options, { most: again, restarts: 0 })).older;
  return resourceVersion;
}

/** Reads so many pages at most. `older` of the first are older than the version that the last one has. */
async function readPages(
  options: ScreenedList,
  { most, restarts }: { readonly most: number; readonly restarts: number },
): Promise<{ readonly resourceVersion: string; readonly older: number }> {
  let left = restarts;
  let token: string | null = null;
  let read = 0;
  let older = 0;
  for (;;) {
    const page = await readPage(options, token);
    if (page.is === 'read') {
      read += 1;
      if (page.next === null || read >= most) return { resourceVersion: page.resourceVersion, older };
      token = page.next;
    } else if (left > 0) {
      left -= 1;
      [read, token] = [0, null];
    } else {
      older = read;
      token = tokenOf(page);
    }
  }
}

/** The token for the rest as it is now. @throws Failure where the server gave none */
function tokenOf({ next, failure }: Page & { readonly is: 'expired' }): string {
  if (next === null) throw failure;
  return next;
}

type Page =
  | { readonly is: 'read'; readonly resourceVersion: string; readonly next: string | null }
  | { readonly is: 'expired'; readonly next: string | null; readonly failure: Failure };

async function readPage({ transport, path, ...options }: ScreenedList, token: string | null): Promise<Page> {
  const query = new URLSearchParams({ limit: String(pageSize), ...(token === null ? {} : { continue: token }) });
  const silence = createSilence(options.signal, silentMs);
  const call = { path: `${path}?${query.toString()}`, signal: silence.signal };
  try {
    const body = await transport.open(call);
    options.answered(serverTime(body.headers.date));
    if (body.statusCode !== 200) return refused(body.statusCode ?? 0, await errorTextOf(body), call, token);
    const screen = createListScreen(options.screen);
    const outcome = await readBody(body, (chunk) => {
      silence.listen();
      options.heard(chunk.length);
      const lines = screen.push(chunk);
      if (lines.length === 0) return null;
      silence.hold();
      return options.take(lines).then(silence.listen);
    });
    silence.hold();
    const end = screen.end();
    if (outcome === 'broken' || end.is === 'broken')
      throw new Failure('cluster-answer', 'The API server answered a list without items, or half of one.', {
        retry: 'backoff',
      });
    await options.take(end.lines);
    return { is: 'read', resourceVersion: end.resourceVersion, next: end.next };
  } finally {
    silence.release();
  }
}

function refused(status: number, body: string, call: { readonly path: string }, token: string | null): Page {
  const failure = failureOf(status, body, call);
  if (failure.code !== 'cluster-expired' || token === null) throw failure;
  return { is: 'expired', next: freshToken(body), failure };
}

function freshToken(body: string): string | null {
  try {
    return text(record(record(JSON.parse(body))['metadata'])['continue']);
  } catch {
    return null;
  }
}
