import { createFaultList, type FaultList, type FaultState } from '../fault-list.ts';

/** Answered instead of the method's own answer. */
const refusalKinds = [
  'invalid_auth',
  'token_revoked',
  'is_archived',
  'not_in_channel',
  'edit_window_closed',
  'invalid_blocks',
  'internal_error',
] as const;

const faultKinds = [
  'timeout-after-success',
  'http-500',
  'ratelimited',
  /** The connection of a request ends after everything was done. */
  'cut-after-work',
  /** Every request is answered with 503. */
  'api-down',
  'drop-sockets',
  'disconnect-refresh',
  'duplicate-delivery',
  'reordered-delivery',
  /** Signed requests to the app that are not what they should be. */
  'wrong-signature',
  'stale-timestamp',
  ...refusalKinds,
] as const;

export type FaultKind = (typeof faultKinds)[number];

export interface FaultRequest {
  readonly kind: FaultKind;
  /**
   * Only for this Web API method (`upload` and `response_url` are named so too); of deliveries, only for `slash_commands`
   * or `interactive`.
   */
  readonly method?: string | undefined;
  /** Only for this channel id. */
  readonly channel?: string | undefined;
  /** How often it fires; of those on sockets, how many it hits. Default 1, of `drop-sockets` all. */
  readonly count?: number | undefined;
  /** Fires until it is cleared, however often. */
  readonly standing?: boolean | undefined;
  /** Fires for so many real ms, however often. */
  readonly forMs?: number | undefined;
  /**
   * `timeout-after-success`: after how long the silent connection is cut, ms, default 30 000. `reordered-delivery`: how
   * long it waits for another delivery at most, ms, default 1 000.
   */
  readonly holdMs?: number | undefined;
}

export interface FaultCall {
  readonly method?: string | undefined;
  readonly channel?: string | undefined;
}

export type Faults = FaultList<FaultRequest, FaultCall>;

export const refusalFaults: readonly FaultKind[] = refusalKinds;

/** NOTE: without a method these would also refuse calls that Slack never refuses so. */
const onlyForChat: readonly FaultKind[] = [
  'is_archived',
  'not_in_channel',
  'edit_window_closed',
  'invalid_blocks',
  'timeout-after-success',
];

/**
 * Faults on demand. `strike` carries out at once those that hit open sockets, and returns how many it hit. `now` is
 * monotonic, real ms.
 */
export function createFaults(
  strike: (kind: 'drop-sockets' | 'disconnect-refresh', count: number | undefined) => number,
  now: () => number,
): Faults {
  const ends = new Map<string, number>();
  const isOver = ({ id }: FaultState): boolean => (ends.get(id) ?? Infinity) <= now();
  const faults = createFaultList<FaultRequest, FaultCall>({
    fits: (fault, call) => !isOver(fault) && fits(fault, call),
    lasts: ({ forMs, standing }) => standing === true || forMs !== undefined,
    strike: ({ count, kind }) =>
      kind === 'drop-sockets' || kind === 'disconnect-refresh' ? strike(kind, count) : undefined,
  });
  return {
    ...faults,
    inject: (request) => {
      const fault = faults.inject(request);
      if (request.forMs !== undefined) ends.set(fault.id, now() + request.forMs);
      return fault;
    },
    list: () => faults.list().map((fault) => (isOver(fault) ? { ...fault, remaining: 0 } : fault)),
  };
}

function fits(fault: FaultRequest, call: FaultCall): boolean {
  return (
    (fault.method === undefined
      ? !onlyForChat.includes(fault.kind) || (call.method ?? '').startsWith('chat.')
      : fault.method === call.method) &&
    (fault.channel === undefined || fault.channel === call.channel)
  );
}
