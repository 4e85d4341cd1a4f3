import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../../core/failure.ts';
import { createLineScreen } from '../../../core/kill/screen/screen.ts';
import type { ScreenedLine } from '../../../core/kill/screen/screened-line.ts';
import { createBackOff } from '../transport/back-off.ts';
import { listScreened } from './list-screened.ts';
import type { Transport } from '../transport/transport.ts';
import { errorOfLine, parseObject, parseWatchLine } from './watch-line.ts';
import type { WatchLine } from './watch-line.ts';
import { openWatch } from './watch-stream.ts';
import type { WatchPace } from './watch-stream.ts';

/*
 * Follows one resource for ever:
 *
 *   resume point known -> watch from it
 *   none, or expired   -> streaming list where it is served, else list page by page, then watch
 *
 * The resume point moves with the lines that were read, and only after their content was handed on and is safe. A watch
 * that ends or breaks is reopened at once; one that cannot be opened, or that sent nothing at all, after a back-off. A
 * server sends at least a bookmark before a watch times out. If it lets a watch time out in silence twice in a row, it
 * does not know our resume point: after a restore from a backup that is in the server's future. Then everything is
 * listed again. Broken watches do not count for this, because a list does not show what is gone by then.
 *
 * A line that cannot be read (cut, garbled, or longer than 8 MiB, which means several objects without newlines) may
 * contain a kill, so the watch is reopened from the point before it, or the list repeated. If it still cannot be read,
 * the server sent it that way: it is dropped and reported, and after a line that is too long everything is listed. A
 * watch tries three times from one point, because each time another line may be garbled.
 */
export interface Follower {
  /** One parsed watch event or listed object. `initial`: it comes from the list. */
  readonly take: (type: string, object: unknown, initial: boolean) => void;
  /**
   * Resolves when everything handed on so far is safe, so that the resume point may move. Back-pressure: reading waits
   * for it.
   */
  readonly settle: () => Promise<void>;
  /** A point that a later start may resume from. Called after `settle`. */
  readonly reached: (resourceVersion: string) => void;
  /** The server has answered, with its clock (ms UTC) if it sent it. */
  readonly answered: (serverTime: number | null) => void;
  /** So many bytes have arrived, whatever they contain. */
  readonly heard: (bytes: number) => void;
  readonly problem: (reason: 'malformed' | 'too-long', line: Buffer) => void;
  /** A watch is over, or (with a failure) could not be opened. */
  readonly reconnect: (reason: string, failure?: Failure) => void;
  /** The present state is known and the watch is open. */
  readonly synced: () => void;
}

export interface FollowOptions {
  readonly transport: Transport;
  /** Of the list: `/api/v1/pods`. */
  readonly path: string;
  readonly needles?: readonly string[];
  readonly resume: string | null;
  readonly pace: WatchPace;
  readonly follower: Follower;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

const mostSilentWatches = 2;
/**
 * A watch that ends before this share of its time was not timed out, but ended for example because the server is
 * stopping.
 */
const nearlyOut = 0.8;
/** How often an unreadable line is requested again; a list only once, because all of it is sent again. */
const mostAsked = { watch: 3, list: 1 } as const;
/** Thrown to leave a streaming list at its end. */
const listed = new Error('listed');

/** Resolves only when `signal` is aborted. */
export async function follow(options: FollowOptions): Promise<void> {
  const { transport, path, follower, signal } = options;
  const backOff = createBackOff(options.random);
  let version = options.resume;
  let streamingList = true;
  /** Whether the latest watch was silent so far. */
  let isSilent = true;
  /** How many watches in a row timed out in silence. */
  let silentWatches = 0;
  /** The resume point (null = a list) before an unreadable line, and how often it was tried. */
  let asked: { readonly from: string | null; readonly times: number } | null = null;
  const screening = options.needles ? { needles: options.needles } : {};

  while (!signal.aborted) {
    try {
      if (version === null && !streamingList) version = await list();
      const outcome = await watchOnce();
      follower.reconnect(outcome);
      if (!isSilent) {
        backOff.reset();
        continue;
      }
      if (silentWatches >= mostSilentWatches) {
        version = null;
        silentWatches = 0;
      }
    } catch (error) {
      if (signal.aborted) return;
      const failure = error instanceof Failure ? error : new Failure('watch-broken', String(error), { cause: error });
      // A server without streaming lists refuses the query of such a watch.
      const refused = failure.code === 'cluster-invalid' || failure.code === 'cluster-bad-request';
      if (version === null && streamingList && refused) {
        streamingList = false;
        continue;
      }
      follower.reconnect(failure.code, failure);
      if (failure.code === 'cluster-expired' && version !== null) {
        version = null;
        continue;
      }
      if (failure.code === 'watch-line-too-long') version = null;
    }
    await sleep(backOff.next(), undefined, { signal }).catch(() => undefined);
  }

  async function list(): Promise<string> {
    const newest = await listScreened({
      transport,
      path,
      screen: screening,
      signal,
      answered: follower.answered,
      take: async (lines) => {
        for (const line of lines) {
          const object = line.is === 'candidate' ? parseObject(line.bytes) : null;
          if (object === null) unreadable(line, true);
          else follower.take('ADDED', object, true);
        }
        await follower.settle();
      },
      heard: follower.heard,
    });
    asked = null;
    follower.reached(newest);
    return newest;
  }

  async function watchOnce(): Promise<string> {
    const listing = version === null;
    let initial = listing;
    const watch = await openWatch(transport, path, version, options.pace, signal);
    follower.answered(watch.serverTime);
    if (!initial) follower.synced();
    const screen = createLineScreen(screening);
    isSilent = true;
    const openedAt = performance.now();
    let outcome: string;
    try {
      outcome = await watch.read((chunk) => {
        isSilent = false;
        silentWatches = 0;
        follower.heard(chunk.length);
        const lines = screen.push(chunk);
        return lines.length === 0 ? null : takeAll(lines);
      });
      if (outcome === 'ended') await takeAll(screen.end());
      const hasRunOut = performance.now() - openedAt > options.pace.watchSeconds * 1_000 * nearlyOut;
      if (outcome === 'ended' && isSilent && hasRunOut) silentWatches += 1;
    } catch (error) {
      if (error !== listed) throw error;
      return 'listed';
    } finally {
      watch.close();
    }
    // Screened-out lines count as read too; otherwise a watch that is always cut before its bookmark would make no
    // progress.
    const last = screen.lastResourceVersion();
    if (!initial && last !== null) moveTo(last);
    return outcome;

    async function takeAll(lines: readonly ScreenedLine[]): Promise<void> {
      let reached: string | null = null;
      const settled = async (): Promise<void> => {
        await follower.settle();
        if (reached !== null && !initial) moveTo(reached);
      };
      try {
        for (const line of lines) {
          const event = line.is === 'malformed' || line.is === 'too-long' ? null : parseWatchLine(line.bytes);
          if (event === null) {
            // It is requested again from right before it, so that nothing else is repeated.
            reached = line.after ?? reached;
            await settled();
            unreadable(line, initial);
          } else reached = takeEvent(event) ?? reached;
        }
      } finally {
        await settled();
      }
      if (listing && !initial) throw listed;
    }

    function takeEvent({ type, object, endsInitial, resourceVersion }: WatchLine): string | null {
      if (type === 'ERROR') throw errorOfLine(object);
      if (type !== 'BOOKMARK') follower.take(type, object, initial);
      if (endsInitial) {
        initial = false;
        asked = null;
      }
      return resourceVersion;
    }
  }

  /** @throws Failure that says how to go on, unless there is nothing to do */
  function unreadable(line: ScreenedLine, isList: boolean): void {
    const times = asked?.from === version ? asked.times : 0;
    if (times < mostAsked[isList ? 'list' : 'watch']) {
      asked = { from: version, times: times + 1 };
      throw new Failure('watch-line-unreadable', 'A line cannot be read; it is asked for again.', {
        retry: 'backoff',
      });
    }
    follower.problem(line.is === 'too-long' ? 'too-long' : 'malformed', line.bytes);
    if (isList || line.is !== 'too-long') return;
    throw new Failure('watch-line-too-long', 'A line of the watch is too long; all objects are listed.', {
      retry: 'backoff',
    });
  }

  function moveTo(resourceVersion: string): void {
    // After a watch that has read something, the next one need not wait long, whatever ended it.
    if (resourceVersion !== version) backOff.reset();
    version = resourceVersion;
    follower.reached(resourceVersion);
  }
}
