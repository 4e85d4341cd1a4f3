import { Failure } from '../../core/failure.ts';
import { queryRange, serverOf } from './query-range.ts';
import { minuteMs } from '../../core/units/duration.ts';

/** Whether a server can be used: it answers and has what usage is read from. */
export type Probed =
  | { readonly is: 'usable' }
  | { readonly is: 'unusable'; readonly reason: UnusableReason; readonly text: string };

export type UnusableReason = 'unreachable' | 'slow' | 'refused' | 'not-prometheus' | 'no-usage';

const reasons: Readonly<Record<string, UnusableReason>> = {
  'prometheus-unreachable': 'unreachable',
  'prometheus-slow': 'slow',
  'prometheus-refused': 'refused',
  'prometheus-unreadable': 'not-prometheus',
  'prometheus-too-large': 'not-prometheus',
};

/** One series, whatever the size of the cluster: that there is an API and that cAdvisor's rows are in it. */
const question = 'max(container_memory_working_set_bytes{container!=""})';

/** Asks a server at `url` one small question. Never throws. */
export async function probePrometheus(
  url: string,
  { deadlineMs, fetch = globalThis.fetch, now = Date.now }: ProbeOptions,
): Promise<Probed> {
  const at = now();
  try {
    const range = { from: at - minuteMs, to: at, stepMs: minuteMs };
    const signal = AbortSignal.timeout(deadlineMs);
    const series = await queryRange(serverOf(url, fetch), question, range, signal, { series: 1, points: 100 });
    const hasUsage = series.some(({ points }) => points.some(({ v }) => v > 0));
    return hasUsage
      ? { is: 'usable' }
      : { is: 'unusable', reason: 'no-usage', text: 'it has no container_memory_working_set_bytes' };
  } catch (error) {
    if (!(error instanceof Failure)) return { is: 'unusable', reason: 'unreachable', text: String(error) };
    return { is: 'unusable', reason: reasons[error.code] ?? 'refused', text: error.message };
  }
}

export interface ProbeOptions {
  /** ms for the whole answer. */
  readonly deadlineMs: number;
  readonly fetch?: typeof globalThis.fetch;
  readonly now?: () => number;
}
