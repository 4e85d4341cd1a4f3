import type { SandboxClock } from '../../clock.ts';
import type { Acknowledgement } from './delivery.ts';

/** Which repetition it is, counted from 1, and why there is one. */
export interface Retry {
  readonly attempt: number;
  readonly reason: string;
}

/** As Slack does: an event that was not acknowledged comes again nearly at once, after one minute and after five. */
const pausesMs = [0, 60_000, 300_000];

/** Repeats an event behind the back of whoever waits for the first delivery. */
export function retryEvent(
  first: Acknowledgement,
  again: (retry: Retry) => Promise<Acknowledgement>,
  clock: Pick<SandboxClock, 'after'>,
): void {
  const from = (last: Acknowledgement, attempt: number): void => {
    const pauseMs = pausesMs[attempt - 1];
    if (last.outcome === 'acknowledged' || pauseMs === undefined) return;
    const repeat = async (): Promise<void> => {
      from(await again({ attempt, reason: reasonOf(last) }), attempt + 1);
    };
    if (pauseMs === 0) void repeat();
    else clock.after(pauseMs, () => void repeat());
  };
  from(first, 1);
}

function reasonOf(last: Exclude<Acknowledgement, { outcome: 'acknowledged' }>): string {
  if (last.outcome === 'operation_timeout') return 'timeout';
  return last.outcome === 'http_service_error' ? 'http_error' : 'connection_failed';
}
