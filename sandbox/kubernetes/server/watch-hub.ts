import type { ServerResponse } from 'node:http';

import { createBoundedLog } from '../../bounded-log.ts';
import type { SandboxClock } from '../../clock.ts';
import type { ApiCall } from './api-call.ts';
import type { WatchOptions } from './list-options.ts';
import type { Change, EncodeObject, ObjectStore } from '../objects/object-store.ts';
import { longestLog, watchLogEntry } from './server-log.ts';
import type { WatchLogEntry } from './server-log.ts';
import { createWatchLines, watchObjects } from './watch-objects.ts';

const mostUnsentBytes = 128 * 1024 * 1024;

/** The open watches of a server. */
export interface WatchHub {
  readonly open: (call: ApiCall, options: WatchOptions, response: ServerResponse) => void;
  /** Destroys their sockets; returns how many there were. */
  readonly cut: () => number;
  /** Ends them in good order; returns how many there were. */
  readonly endAll: () => number;
  /** Their next line is their last and half of it is missing, or much of it is garbage; returns how many. */
  readonly breakMidLine: (how: Break) => number;
  /** From now on they write their lines in pieces; returns how many. */
  readonly split: () => number;
  /** They stay open and never say anything again; returns how many. */
  readonly freeze: () => number;
  readonly size: () => number;
  /** Lines that were not written whole, in one piece and unharmed, so far. */
  readonly harmed: () => number;
  readonly log: () => readonly WatchLogEntry[];
}

interface Parts {
  readonly store: ObjectStore;
  readonly clock: SandboxClock;
  readonly encode: EncodeObject;
}

type Break = 'reset' | 'end' | 'garble' | 'overwrite';

interface WatchState {
  frozen: boolean;
  breaks: Break | null;
  splits: boolean;
}

/** Odd, so that pieces end within names, numbers and letters. */
const pieceBytes = 97;

function writeInPieces(response: ServerResponse, line: Buffer): void {
  for (let at = 0; at < line.length; at += pieceBytes) response.write(line.subarray(at, at + pieceBytes));
}

/** Ends with a line end as the line did; where it is overwritten, it begins and ends as an object too. */
function garbled(line: Buffer, how: 'garble' | 'overwrite'): Buffer {
  const copy = Buffer.from(line);
  const [from, to] = how === 'garble' ? [line.length >>> 1, line.length - 1] : [20, line.length - 4];
  copy.fill(0xff, from, Math.max(from, to));
  return copy;
}

/** Writes half of a line and leaves. */
function breakOff(response: ServerResponse, line: Buffer, how: 'reset' | 'end'): void {
  const half = line.subarray(0, line.length >>> 1);
  if (how === 'end') response.end(half);
  else response.write(half, () => response.destroy());
}

export function createWatchHub({ store, clock, encode }: Parts): WatchHub {
  const lines = createWatchLines(encode);
  const killLines = createBoundedLog<WatchLogEntry>(longestLog);
  let harmed = 0;
  const watches = new Map<ServerResponse, WatchState>();

  function open(call: ApiCall, options: WatchOptions, response: ServerResponse): void {
    const state: WatchState = { frozen: false, breaks: null, splits: false };
    /** What exists is handed out as slowly as it is read, by a real API server too. */
    let listedBytes = Infinity;
    watches.set(response, state);
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.flushHeaders();
    const write = (line: Buffer, change?: Pick<Change, 'type' | 'object'>): void => {
      if (state.frozen || response.destroyed || response.writableEnded) return;
      if (state.breaks !== null || state.splits) harmed += 1;
      if (state.breaks === 'garble' || state.breaks === 'overwrite') {
        response.write(garbled(line, state.breaks));
        state.breaks = null;
        return;
      }
      if (state.breaks !== null) {
        breakOff(response, line, state.breaks);
        return;
      }
      if (state.splits) writeInPieces(response, line);
      else response.write(line);
      if (change !== undefined && call.resource.name === 'pods' && line.includes('OOMKilled')) {
        killLines.push(watchLogEntry(performance.now(), change));
      }
      // A reader this far behind is cut off, as a real API server does.
      if (response.writableLength > mostUnsentBytes + listedBytes) response.destroy();
    };
    const end = (): void => {
      if (!state.frozen) response.end();
    };
    const { resource, namespace } = call;
    const stop = watchObjects({ store, clock, lines, resource, namespace, options, write, end });
    listedBytes = response.writableLength;
    response.on('close', () => {
      watches.delete(response);
      stop();
    });
  }

  function cut(): number {
    const all = [...watches.keys()];
    for (const response of all) response.destroy();
    return all.length;
  }

  function endAll(): number {
    const all = [...watches.keys()];
    for (const response of all) response.end();
    return all.length;
  }

  return {
    open,
    cut,
    endAll,
    breakMidLine: (how) => {
      for (const state of watches.values()) state.breaks = how;
      return watches.size;
    },
    split: () => {
      for (const state of watches.values()) state.splits = true;
      return watches.size;
    },
    freeze: () => {
      for (const state of watches.values()) state.frozen = true;
      return watches.size;
    },
    size: () => watches.size,
    harmed: () => harmed,
    log: killLines.entries,
  };
}
