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
  'drop-sockets',
  'disconnect-refresh',
  'duplicate-delivery',
  ...refusalKinds,
] as const;

export type FaultKind = (typeof faultKinds)[number];

export interface FaultRequest {
  readonly kind: FaultKind;
  /** Only for this Web API method. */
  readonly method?: string | undefined;
  /** Only for this channel id. */
  readonly channel?: string | undefined;
  /** How often it fires; of those on sockets, how many it hits. Default 1, of `drop-sockets` all. */
  readonly count?: number | undefined;
  /** `timeout-after-success`: after how long the silent connection is cut, ms. Default 30 000. */
  readonly holdMs?: number | undefined;
}

export interface Fault extends FaultRequest {
  readonly id: string;
  readonly remaining: number;
  /** How often it has fired. */
  readonly fired: number;
}

export interface Faults {
  readonly inject: (request: FaultRequest) => Fault;
  /** The first open fault of one of these kinds that fits the call; counts it as fired. */
  readonly take: (kinds: readonly FaultKind[], call: FaultCall) => Fault | undefined;
  readonly list: () => readonly Fault[];
  readonly clear: () => void;
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

/** Faults on demand. `strike` carries out at once those that hit open sockets, and returns how many it hit. */
export function createFaults(
  strike: (kind: 'drop-sockets' | 'disconnect-refresh', count: number | undefined) => number,
): Faults {
  const faults: Fault[] = [];

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
        remaining: struck === undefined ? (request.count ?? 1) : 0,
        fired: struck ?? 0,
      };
      faults.push(fault);
      return fault;
    },
    take: (kinds, call) => {
      const index = faults.findIndex((fault) => kinds.includes(fault.kind) && fault.remaining > 0 && fits(fault, call));
      const fault = faults[index];
      if (fault === undefined) return undefined;
      const fired = { ...fault, remaining: fault.remaining - 1, fired: fault.fired + 1 };
      faults[index] = fired;
      return fired;
    },
    list: () => [...faults],
    clear: () => {
      for (const [index, fault] of faults.entries()) faults[index] = { ...fault, remaining: 0 };
    },
  };
}
