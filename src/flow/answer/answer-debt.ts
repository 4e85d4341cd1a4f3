import { containerKey, type ContainerNow } from '../../core/evidence/usage-now.ts';
import { debtRow, rankDebt } from '../../core/talk/answers/debt.ts';
import type { DebtAnswer, Question } from '../../core/talk/question.ts';
import { grouped, isAsked, namespacesOf } from './group-containers.ts';
import type { QuestionNeeds } from './question-needs.ts';
import { measurer, orNote, readUsage } from './read-usage.ts';

/**
 * Whose limits and requests are far above what they use. What cannot be read becomes a note, and what is not measured is
 * counted: it is neither debt nor none.
 */
export async function answerDebt(
  question: Extract<Question, { ask: 'debt' }>,
  deadlineMs: number,
  needs: QuestionNeeds,
): Promise<DebtAnswer> {
  const namespaces = namespacesOf(question, needs.namespaces);
  const pods = await orNote('The pods could not be read', needs.containers(namespaces, deadlineMs));
  const containers = (pods.found?.containers ?? []).filter((one) => isAsked(one, { ...question, namespaces }));
  const groups = grouped(needs.cluster, containers);
  const [peaks, kills] = await Promise.all([
    readPeaks(namespaces, containers, deadlineMs, needs),
    orNote('Kills could not be counted', needs.killCounts([...groups.values()].map(({ subject }) => subject))),
  ]);
  const now = needs.now();
  const limited = [...groups].filter(([, group]) => group.containers.some(asksForMemory));
  const killed = limited.filter(([key]) => (kills.found?.get(key)?.week ?? 0) > 0);
  const rows = limited
    .filter((one) => !killed.includes(one))
    .map(([, group]) =>
      debtRow(
        group.subject,
        group.containers.map((one) => ({
          requestBytes: one.requestBytes,
          limitBytes: one.limitBytes,
          peakBytes: peaks.of(one),
          ageMs: one.startedAt === null ? null : now - one.startedAt,
        })),
      ),
    );
  const measured = rows.filter((row) => row !== null);
  const ranked = rankDebt(measured);
  const notes = [pods.note, ...(pods.found?.notes ?? []), peaks.note, kills.note];
  return {
    to: 'debt',
    rows: ranked.slice(0, question.limit),
    more: Math.max(0, ranked.length - question.limit),
    requestDebtBytes: ranked.reduce((sum, row) => sum + row.requestDebtBytes, 0),
    limitDebtBytes: ranked.reduce((sum, row) => sum + row.limitDebtBytes, 0),
    measured: measured.length,
    notMeasured: rows.length - measured.length,
    killed: killed.length,
    source: peaks.source,
    price: needs.memoryPrice,
    notes: notes.filter((note) => note !== null),
  };
}

function asksForMemory({ requestBytes, limitBytes }: ContainerNow): boolean {
  return requestBytes !== null || limitBytes !== null;
}

interface Peaks {
  /** Bytes; null where it is not measured. */
  readonly of: (container: ContainerNow) => number | null;
  readonly source: string | null;
  readonly note: string | null;
}

/** The most that each container used in a day, or what is known of it without a Prometheus. */
async function readPeaks(
  namespaces: readonly string[],
  containers: readonly ContainerNow[],
  deadlineMs: number,
  needs: QuestionNeeds,
): Promise<Peaks> {
  const source = needs.usageSource();
  if (source.is === 'prometheus') {
    const read = await orNote('Usage could not be read', needs.prometheusPeaks(source.url, namespaces, deadlineMs));
    const peaks = new Map<string, number>();
    for (const series of read.found ?? []) {
      const key = containerKey(series);
      peaks.set(key, Math.max(peaks.get(key) ?? 0, ...series.points.map(({ bytes }) => bytes)));
    }
    return {
      of: (container) => positive(peaks.get(containerKey(container))),
      source: read.found ? `the highest of the last 24 h, ${source.words}` : null,
      note: read.note,
    };
  }
  const usage = await readUsage(namespaces, deadlineMs, needs);
  const measure = await measurer(containers, usage, needs);
  return {
    of: (container) => positive(Math.max(0, ...measure(container).points.map(({ bytes }) => bytes))),
    source: usage.source === null ? null : `at this moment, ${usage.source}; an earlier peak may be missing`,
    note: usage.note,
  };
}

function positive(bytes: number | undefined): number | null {
  return bytes === undefined || !Number.isFinite(bytes) || bytes <= 0 ? null : bytes;
}
