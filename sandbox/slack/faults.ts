/** Answered instead of the method's own answer. */
const refusalKinds = [
  'invalid_auth',
  'token_revoked',
  'account_inactive',
  'is_archived',
  'not_in_channel',
  'message_not_found',
  'edit_window_closed',
  'invalid_blocks',
  'internal_error',
] as const;

const faultKinds = [
  'timeout-after-success',
  'http-500',
  'ratelimited',
  /** The connection of a request ends: nothing was done, or everything was. */
  'cut-before-work',
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
   * Only for this Web API method (`upload` and `response_url` are named so too); of deliveries, only for `slash_commands`,
   * `interactive` or `events_api`.
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

export interface Fault extends FaultRequest {
  readonly id: string;
  /** How often it will still fire; of a standing one and within its time, 1. */
  readonly remaining: number;
  /** How often it has fired. */
  readonly fired: number;
}

export interface Faults {
  readonly inject: (request: FaultRequest) => Fault;
  /** The first open fault of one of these kinds that fits the call; counts it as fired. */
  readonly take: (kinds: readonly FaultKind[], call: FaultCall) => Fault | undefined;
  readonly list: () => readonly Fault[];
  /** Ends one, or all; false when there is no such fault. What has fired stays counted. */
  readonly clear: (id?: string) => boolean;
}

export interface FaultCall {
  readonly method?: string | undefined;
  readonly channel?: string | undefined;
}

export function isFaultKind(value: unknown): value is FaultKind {
  return faultKinds.some((kind) => kind === value);
}

export const refusalFaults: readonly FaultKind[] = refusalKinds;

/** NOTE: without a method these would also refuse calls that Slack never refuses so. */
const onlyForChat: readonly FaultKind[] = [
  'is_archived',
  'not_in_channel',
  'message_not_found',
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
  const faults: Fault[] = [];
  const ends = new Map<string, number>();
  const current = (fault: Fault): Fault =>
    (ends.get(fault.id) ?? Infinity) <= now() ? { ...fault, remaining: 0 } : fault;

  const fits = (fault: Fault, call: FaultCall): boolean =>
    (fault.method === undefined
      ? !onlyForChat.includes(fault.kind) || (call.method ?? '').startsWith('chat.')
      : fault.method === call.method) &&
    (fault.channel === undefined || fault.channel === call.channel);

  return {
    inject: (request) => {
      const id = `F${faults.length + 1}`;
      const struck =
        request.kind === 'drop-sockets' || request.kind === 'disconnect-refresh'
          ? strike(request.kind, request.count)
          : undefined;
      const fault: Fault = {
        ...request,
        id,
        remaining: struck === undefined ? (lasting(request) ? 1 : (request.count ?? 1)) : 0,
        fired: struck ?? 0,
      };
      faults.push(fault);
      if (request.forMs !== undefined) ends.set(id, now() + request.forMs);
      return fault;
    },
    take: (kinds, call) => {
      const index = faults.findIndex(
        (fault) => kinds.includes(fault.kind) && current(fault).remaining > 0 && fits(fault, call),
      );
      const fault = faults[index];
      if (fault === undefined) return undefined;
      const fired = { ...fault, remaining: fault.remaining - (lasting(fault) ? 0 : 1), fired: fault.fired + 1 };
      faults[index] = fired;
      return fired;
    },
    list: () => faults.map(current),
    clear: (id) => {
      const meant = [...faults.entries()].filter(([, fault]) => id === undefined || fault.id === id);
      for (const [index, fault] of meant) faults[index] = { ...fault, remaining: 0 };
      return id === undefined || meant.length > 0;
    },
  };
}

function lasting({ forMs, standing }: FaultRequest): boolean {
  return standing === true || forMs !== undefined;
}
