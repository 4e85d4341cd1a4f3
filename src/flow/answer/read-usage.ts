import { containerKey, pointsOf } from '../../core/evidence/usage-now.ts';
import type { ContainerNow, UsageSeries, UsagePoint } from '../../core/evidence/usage-now.ts';
import { Failure } from '../../core/failure.ts';
import type { Measured } from '../../core/talk/top.ts';
import { clockTime } from '../../core/talk/words.ts';
import { formatDuration } from '../../core/units/duration.ts';
import type { QuestionNeeds } from './question-needs.ts';

export interface UsageRead {
  readonly allSeries: readonly UsageSeries[];
  readonly source: string | null;
  readonly note: string | null;
  /** Whether the worker's own samples give its history. */
  readonly sampled: boolean;
}

/** What all containers of these namespaces use, from wherever there is something. What cannot be read is a note. */
export async function readUsage(
  namespaces: readonly string[],
  deadlineMs: number,
  needs: QuestionNeeds,
): Promise<UsageRead> {
  const source = needs.usageSource();
  if (source.is === 'prometheus') {
    const read = await orNote('Usage could not be read', needs.prometheusNow(source.url, namespaces, deadlineMs));
    return { allSeries: read.found ?? [], source: read.found ? source.words : null, note: read.note, sampled: false };
  }
  const [read, sampling] = await Promise.all([
    orNote(
      `There is no usage: ${source.why}, and metrics.k8s.io could not be read`,
      needs.metricsNow(namespaces, deadlineMs),
    ),
    needs.sampling().catch(() => null),
  ]);
  const since =
    sampling === null || sampling.problem !== null
      ? ''
      : `, sampled every ${formatDuration(sampling.everyMs)} since ${clockTime(sampling.since, needs.now())}`;
  return {
    allSeries: read.found ?? [],
    source: read.found ? `metrics.k8s.io${since}` : null,
    note: read.note,
    sampled: true,
  };
}

const noSamples: ReadonlyMap<string, readonly UsagePoint[]> = new Map();

/** Present and past usage of each container. */
export async function measurer(
  containers: readonly ContainerNow[],
  { allSeries, sampled }: UsageRead,
  needs: QuestionNeeds,
): Promise<(container: ContainerNow) => Measured> {
  const byName = new Map<string, UsageSeries[]>();
  for (const series of allSeries) {
    const name = containerKey(series);
    const known = byName.get(name);
    if (known) known.push(series);
    else byName.set(name, [series]);
  }
  // Only sampled containers have samples; asking for all would request thousands of lists that do not exist.
  const near = sampled
    ? containers.filter((one) => isSampled(one, byName.get(containerKey(one)))).map(containerKey)
    : [];
  const before = near.length === 0 ? noSamples : await needs.samples(near).catch(() => noSamples);
  return (container) => {
    const name = containerKey(container);
    const { namespace, pod } = container;
    const points = before.get(name) ?? [];
    const own = [...(byName.get(name) ?? []), { namespace, pod, container: container.container, hex: null, points }];
    return { pod, startedAt: container.startedAt, limitBytes: container.limitBytes, points: pointsOf(container, own) };
  };
}

/** Below this share nothing is sampled unless it was killed, and killed containers seldom stay low for long. */
const nearShare = 0.3;

function isSampled({ limitBytes }: ContainerNow, allSeries: readonly UsageSeries[] | undefined): boolean {
  const bytes = allSeries?.at(-1)?.points.at(-1)?.bytes ?? 0;
  return limitBytes !== null && bytes >= nearShare * limitBytes;
}

export interface Noted<T> {
  readonly found: T | null;
  readonly note: string | null;
}

/** What was found, or why it was not, as a sentence that begins with `what`. */
export async function orNote<T>(what: string, work: Promise<T>): Promise<Noted<T>> {
  try {
    return { found: await work, note: null };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { found: null, note: `${what}: ${error.message}` };
  }
}
