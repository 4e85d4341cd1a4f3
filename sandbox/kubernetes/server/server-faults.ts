import { createFaultList, type FaultList } from '../../fault-list.ts';

/** What happens at once, to all open watches: how much it hit. */
export type WatchFaults = Readonly<Record<WatchFault, () => number>>;

/**
 * - `cut-watches`: their sockets are destroyed
 * - `end-watches`: they end in good order, as by a server that is stopped
 * - `reset-mid-line`, `end-mid-line`: each is reset, or ended in good order, in the middle of its next line
 * - `garble-next-line`: the second half of the next line of each is bytes that are no text
 * - `overwrite-next-line`: so is the middle of it, and it begins and ends as it should
 * - `split-lines`: each writes each of its lines in pieces of a few bytes, from now on
 * - `freeze-watches`: they fall silent and stay open (half-open)
 * - `410`: the history is compacted and they are cut, so that every resume from before is expired
 */
type WatchFault =
  | 'cut-watches'
  | 'end-watches'
  | 'reset-mid-line'
  | 'end-mid-line'
  | 'garble-next-line'
  | 'overwrite-next-line'
  | 'split-lines'
  | 'freeze-watches'
  | '410';

/**
 * What happens to the next `count` requests:
 * - `http-410`, `http-500`: they are answered so
 * - `no-streaming-list`: of streaming lists, they are refused, as by a server that does not serve them
 * - `hang`: they get no answer at all
 * - `compact`: the history is compacted just before each of them is answered
 */
const requestFaults = ['http-410', 'http-500', 'no-streaming-list', 'hang', 'compact'] as const;

export type FaultKind = WatchFault | (typeof requestFaults)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** How many requests; 1 unless told. */
  readonly count?: number;
  /** Only requests with this method. */
  readonly method?: string;
  /** Only requests whose path and query contain this. */
  readonly path?: string;
}

interface Request {
  readonly method: string;
  readonly path: string;
}

export interface ServerFaults extends Omit<FaultList<Fault, Request>, 'take'> {
  /** What hits this request, counted. */
  readonly forRequest: (request: Request) => FaultKind | undefined;
}

export function createServerFaults(watches: WatchFaults): ServerFaults {
  const { take, ...faults } = createFaultList<Fault, Request>({
    fits: ({ kind, method, path }, request) =>
      (kind !== 'no-streaming-list' || request.path.includes('sendInitialEvents=true')) &&
      (method === undefined || method === request.method) &&
      (path === undefined || request.path.includes(path)),
    strike: ({ kind }) => (isForRequests(kind) ? undefined : watches[kind]()),
  });
  return { ...faults, forRequest: (request) => take(requestFaults, request)?.kind };
}

function isForRequests(kind: FaultKind): kind is (typeof requestFaults)[number] {
  return requestFaults.some((each) => each === kind);
}
