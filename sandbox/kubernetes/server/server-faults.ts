/**
 * - `cut-watches`: the sockets of all open watches are destroyed, now
 * - `end-watches`: all open watches end in good order, as by a server that is stopped, now
 * - `reset-mid-line`, `end-mid-line`: every open watch is reset, or ended in good order, in the middle of its next line
 * - `garble-next-line`: the second half of the next line of every open watch is bytes that are no text
 * - `overwrite-next-line`: so is the middle of it, and it begins and ends as it should
 * - `split-lines`: every open watch writes each of its lines in pieces of a few bytes, from now on
 * - `freeze-watches`: all open watches fall silent and stay open (half-open), now
 * - `410`: the history is compacted and all open watches are cut, so that every resume from before is expired, now
 * - `http-410`, `http-500`: the next `count` requests are answered so
 * - `no-streaming-list`: the next `count` streaming lists are refused, as by a server that does not serve them
 * - `hang`: the next `count` requests get no answer at all
 * - `compact`: the history is compacted just before each of the next `count` requests is answered
 */
export const faultKinds = [
  'cut-watches',
  'end-watches',
  'reset-mid-line',
  'end-mid-line',
  'garble-next-line',
  'overwrite-next-line',
  'split-lines',
  'freeze-watches',
  '410',
  'http-410',
  'http-500',
  'no-streaming-list',
  'hang',
  'compact',
] as const;
export type FaultKind = (typeof faultKinds)[number];

const requestFaults = ['http-410', 'http-500', 'no-streaming-list', 'hang', 'compact'] as const;
export type RequestFault = (typeof requestFaults)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** How many requests; 1 unless told. Watches: ignored. */
  readonly count?: number;
  /** Only requests with this method. */
  readonly method?: string;
  /** Only requests whose path and query contain this. */
  readonly path?: string;
}

export interface FaultState extends Fault {
  readonly id: number;
  /** Requests or watches that it has hit. */
  fired: number;
}

export interface ServerFaults {
  readonly inject: (fault: Fault) => number;
  /** It hits no request any more; how many it has hit. */
  readonly clear: (id: number) => number;
  readonly list: () => readonly FaultState[];
  /** The fault that hits this request, counted. */
  readonly forRequest: (method: string, path: string) => RequestFault | undefined;
}

/** What the faults of watches act on; each returns how many watches it hit. */
export interface FaultTargets {
  readonly cutWatches: () => number;
  readonly endWatches: () => number;
  readonly breakWatches: (how: 'reset' | 'end' | 'garble' | 'overwrite') => number;
  readonly splitWatches: () => number;
  readonly freezeWatches: () => number;
  readonly compact: () => void;
}

export function createServerFaults(targets: FaultTargets): ServerFaults {
  const faults: FaultState[] = [];
  const cleared = new Set<number>();

  function inject(fault: Fault): number {
    const state: FaultState = { ...fault, id: faults.length + 1, fired: 0 };
    faults.push(state);
    switch (fault.kind) {
      case 'cut-watches':
        state.fired = targets.cutWatches();
        break;
      case 'end-watches':
        state.fired = targets.endWatches();
        break;
      case 'reset-mid-line':
      case 'end-mid-line':
        state.fired = targets.breakWatches(fault.kind === 'end-mid-line' ? 'end' : 'reset');
        break;
      case 'garble-next-line':
        state.fired = targets.breakWatches('garble');
        break;
      case 'overwrite-next-line':
        state.fired = targets.breakWatches('overwrite');
        break;
      case 'split-lines':
        state.fired = targets.splitWatches();
        break;
      case 'freeze-watches':
        state.fired = targets.freezeWatches();
        break;
      case '410':
        targets.compact();
        state.fired = 1 + targets.cutWatches();
        break;
      case 'http-410':
      case 'http-500':
      case 'no-streaming-list':
      case 'hang':
      case 'compact':
        break;
    }
    return state.id;
  }

  return {
    inject,
    clear: (id) => {
      cleared.add(id);
      return faults.find((each) => each.id === id)?.fired ?? 0;
    },
    list: () => faults,
    forRequest: (method, path) => {
      const fault = faults.find(
        (each) =>
          requestFaults.some((kind) => kind === each.kind) &&
          !cleared.has(each.id) &&
          each.fired < (each.count ?? 1) &&
          (each.kind !== 'no-streaming-list' || path.includes('sendInitialEvents=true')) &&
          (each.method === undefined || each.method === method) &&
          (each.path === undefined || path.includes(each.path)),
      );
      if (fault === undefined) return undefined;
      fault.fired += 1;
      return requestFaults.find((kind) => kind === fault.kind);
    },
  };
}
