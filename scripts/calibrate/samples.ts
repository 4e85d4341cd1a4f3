import { readTrace, traceFolders } from '../../src/adapters/recording/read-trace.ts';
import type { TraceInput, TraceRow } from '../../src/adapters/recording/read-trace.ts';
import { judgeTrace } from '../../src/app/evaluate/judge-trace.ts';
import { podObject, podsOfTrace } from '../../src/app/evaluate/trace-pods.ts';
import { readTruth } from '../../src/app/evaluate/read-truth.ts';
import type { Said } from '../../src/core/diagnose/calibrated.ts';
import { isRight } from '../../src/core/evaluate/truth.ts';
import type { Truth } from '../../src/core/evaluate/truth.ts';
import { timeMs } from '../../src/core/kill/json-read.ts';
import { secondMs } from '../../src/core/units/duration.ts';

/** One verdict beside the truth. */
export interface Sample {
  readonly said: Said;
  /** The rule's own confidence, 0..1. */
  readonly raw: number;
  readonly right: boolean;
  /** Label and kind of the truth: what is left out together. */
  readonly kind: string;
  /** All samples of one trace weigh as much as one. */
  readonly weight: number;
  /** Whether the whole trace was shown. */
  readonly whole: boolean;
}

/**
 * Ways in which less is seen of a trace, as it happens in production: right after the first kill, or with a third of the
 * samples, or both. They ask the rules more than the traces that they were made on.
 */
const views: readonly ((trace: TraceInput) => TraceInput | null)[] = [
  (trace) => trace,
  atFirstKill,
  thinned,
  (trace) => atFirstKill(thinned(trace)),
];

/** Verdicts on all traces of some folders, in each of their views. @throws Failure */
export async function samplesOf(dirs: readonly string[]): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (const folder of dirs.flatMap(traceFolders)) {
    const truth = readTruth(folder);
    if (truth === null) continue;
    const shown = readTrace(folder);
    const seen = views.flatMap((view, index) => {
      const trace = view(shown);
      return trace === null ? [] : [{ trace, whole: index === 0 }];
    });
    for (const { trace, whole } of seen) {
      const sample = await sampleOf(trace, truth);
      // Less may make open what the whole trace decides, and then openness is right.
      if (whole || sample.said !== 'inconclusive') samples.push({ ...sample, whole, weight: 1 / seen.length });
    }
  }
  return samples;
}

async function sampleOf(trace: TraceInput, truth: Truth): Promise<Omit<Sample, 'weight' | 'whole'>> {
  const { verdict, confidence, basis } = await judgeTrace(trace, (_, raw) => raw);
  return {
    said: verdict ?? 'no-kill',
    raw: confidence,
    right: isRight(verdict, basis !== null, truth),
    kind: `${truth.label}/${truth.kind}`,
  };
}

/** As it was when the first end that the pod shows was seen, or the first counter that rose; null where there is neither. */
function atFirstKill(trace: TraceInput): TraceInput | null {
  const pods = podsOfTrace(trace);
  const [own] = pods;
  const shown = own?.runs.find(({ terminated }) => terminated !== null)?.endedAt ?? null;
  const counted = trace.rows.find(({ oomEvents }) => (oomEvents ?? 0) > 0)?.t ?? null;
  const at = shown ?? counted;
  if (at === null || own === undefined) return null;
  const until = at + secondMs;
  return {
    ...trace,
    pod: podObject(trace, own, until, null),
    rows: trace.rows.filter(({ t }) => t <= until),
    events: trace.events.filter((event) => {
      const told = timeMs(event['lastTimestamp']) ?? timeMs(event['eventTime']);
      return told === null || told <= until + secondMs;
    }),
  };
}

function thinned(trace: TraceInput): TraceInput {
  const counts = new Map<string, number>();
  const isKept = ({ pod, instance }: TraceRow): boolean => {
    const run = `${pod}/${instance}`;
    const count = counts.get(run) ?? 0;
    counts.set(run, count + 1);
    return count % 3 === 0;
  };
  return { ...trace, rows: trace.rows.filter(isKept) };
}
