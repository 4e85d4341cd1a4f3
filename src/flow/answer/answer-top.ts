import { containerKey, pointsOf, subjectOfContainer } from '../../core/evidence/usage-now.ts';
import type { ContainerNow, UsageSeries, UsagePoint } from '../../core/evidence/usage-now.ts';
import { Failure } from '../../core/failure.ts';
import { subjectKey } from '../../core/kill/kill.ts';
import type { Subject } from '../../core/kill/kill.ts';
import type { Question, TopAnswer } from '../../core/talk/question.ts';
import { countRankable, type KillCount, type Measured, rankTop, topRow } from '../../core/talk/top.ts';
import { clockTime } from '../../core/talk/words.ts';
import { formatDuration } from '../../core/units/duration.ts';
import type { QuestionNeeds } from './question-needs.ts';

type TopQuestion = Extract<Question, { ask: 'top' }>;

/** Open incidents to check for containers that were killed and are not running now. */
const mostOpen = 200;

const noKills: KillCount = { day: 0, week: 0, atLeast: false, lastAt: null };

/**
 * Which containers are nearest to their limit, growing, or killed most. What cannot be read becomes a note. The pods
 * are listed just for this question, and only containers, limits and usage points are kept.
 */
export async function answerTop(
  { namespaces: asked, workloads = [], limit }: TopQuestion,
  deadlineMs: number,
  needs: QuestionNeeds,
): Promise<TopAnswer> {
  const namespaces = asked.length > 0 || needs.namespaces.length === 0 ? asked : needs.namespaces;
  const isIn = ({ namespace, workload }: Pick<Subject, 'namespace' | 'workload'>): boolean =>
    (namespaces.length === 0 || (namespace !== null && namespaces.includes(namespace))) &&
    (workloads.length === 0 || workloads.includes(workload.name));
  const [pods, usage, open] = await Promise.all([
    orNote('The pods could not be read', needs.containers(namespaces, deadlineMs)),
    readUsage(namespaces, deadlineMs, needs),
    orNote('The incidents could not be read', needs.store.open(mostOpen)),
  ]);
  const containers = (pods.found?.containers ?? []).filter(isIn);
  const killed = (open.found ?? []).map(({ incident }) => incident.subject).filter(isIn);
  const groups = grouped(needs.cluster, containers, killed);
  const kills = await orNote(
    'Kills could not be counted',
    needs.killCounts([...groups.values()].map((one) => one.subject)),
  );

  const measure = await measurer(containers, usage, needs);
  const pace = { now: needs.now(), settledMs: needs.settledMs };
  const rows = [...groups].map(([key, group]) =>
    topRow(group.subject, group.containers.map(measure), kills.found?.get(key) ?? noKills, pace),
  );
  const shown = rankTop(rows, limit).map(({ row }) => row);
  const notes = [pods.note, ...(pods.found?.notes ?? []), usage.note, open.note, kills.note];
  return {
    to: 'top',
    rows: shown,
    more: Math.max(0, countRankable(rows) - shown.length),
    containers: containers.length,
    withoutLimit: containers.filter(({ limitBytes }) => limitBytes === null).length,
    source: usage.source,
    notes: notes.filter((note) => note !== null),
  };
}

interface Group {
  readonly subject: Subject;
  readonly containers: ContainerNow[];
}

/** By subject: what is running, and what was killed and is not running. */
function grouped(cluster: string, containers: readonly ContainerNow[], killed: readonly Subject[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  const groupOf = (subject: Subject): Group => {
    const key = subjectKey(subject);
    const group = groups.get(key) ?? { subject, containers: [] };
    groups.set(key, group);
    return group;
  };
  for (const container of containers) groupOf(subjectOfContainer(cluster, container)).containers.push(container);
  for (const subject of killed) groupOf(subject);
  return groups;
}

interface UsageRead {
  readonly allSeries: readonly UsageSeries[];
  readonly source: string | null;
  readonly note: string | null;
  /** Whether the worker's own samples give its history. */
  readonly sampled: boolean;
}

async function readUsage(namespaces: readonly string[], deadlineMs: number, needs: QuestionNeeds): Promise<UsageRead> {
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
async function measurer(
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

interface Noted<T> {
  readonly found: T | null;
  readonly note: string | null;
}

async function orNote<T>(what: string, work: Promise<T>): Promise<Noted<T>> {
  try {
    return { found: await work, note: null };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { found: null, note: `${what}: ${error.message}` };
  }
}
