import { killedAtMs } from '../kill/kill.ts';
import type { Kill } from '../kill/kill.ts';
import type { Trigger } from '../kill/trigger.ts';
import type { Recommendation } from '../recommend/recommendation.ts';
import type { ChartSeries } from './chart-series.ts';
import type { Findings } from './evidence.ts';
import { counted } from '../talk/words.ts';
import { roughDuration } from '../units/duration.ts';
import { limitAt } from '../kill/limit-at.ts';

/** More points than this cannot be told apart in the picture. */
const mostPoints = 400;

export interface ChartSeriesRequest {
  readonly findings: Findings;
  readonly trigger: Trigger;
  readonly recent: readonly Kill[];
  readonly recommendation: Recommendation;
  /** ms UTC */
  readonly now: number;
}

/** Fewer samples than this make no picture, only dots. */
const fewestSamples = 5;

/** Why there is no chart, as a sentence; null where the evidence says why there are no samples. */
export type NoChart = { readonly none: string | null };

/** What the chart of an incident shows: the runs of the killed container, oldest first. */
export function chartSeriesOf({
  findings,
  trigger,
  recent,
  recommendation,
  now,
}: ChartSeriesRequest): ChartSeries | NoChart {
  if (!findings.usage.found) return { none: null };
  const samples = findings.usage.value.runs
    .filter((run) => run.pod === trigger.pod || recent.some((one) => one.pod === run.pod))
    .flatMap((run) => run.samples.map(({ t, workingSetBytes }) => ({ t, bytes: workingSetBytes })))
    .toSorted((a, b) => a.t - b.t);
  const [first] = samples;
  if (!first) return { none: null };
  if (samples.length < fewestSamples)
    return { none: `There is no chart: ${counted(samples.length, 'sample')} of its memory would not show a course.` };
  const { namespace, workload, container } = trigger.subject;
  const { fix, mitigation } = recommendation;
  return {
    title: `${namespace ?? '-'}/${workload.name} ${container ?? ''}`.trim(),
    samples: peaksOf(samples),
    limitBytes: limitAt(trigger),
    requestBytes: trigger.requestBytes,
    proposedBytes: 'limitBytes' in fix ? fix.limitBytes : (mitigation?.limitBytes ?? null),
    kills: recent.map(killedAtMs).filter((at) => at >= first.t),
    from: first.t,
    to: Math.max(now, samples.at(-1)?.t ?? now),
    source: sampledWords(findings.usage.value.resolutionMs),
  };
}

/** The query itself stands with the evidence; a picture has no room for it. */
function sampledWords(resolutionMs: number | null): string {
  return resolutionMs === null ? 'working set' : `working set, one sample each ${roughDuration(resolutionMs)}`;
}

/** The highest of each stretch, so that no peak is lost. */
function peaksOf(samples: ChartSeries['samples']): ChartSeries['samples'] {
  const size = Math.ceil(samples.length / mostPoints);
  if (size <= 1) return samples;
  const kept: ChartSeries['samples'] = [];
  for (let start = 0; start < samples.length; start += size) {
    const stretch = samples.slice(start, start + size);
    kept.push(stretch.reduce((high, one) => (one.bytes > high.bytes ? one : high)));
  }
  return kept;
}
