import type { Subject } from '../../core/kill/kill.ts';
import type { Question, TopAnswer } from '../../core/talk/question.ts';
import { countRankable, type KillCount, rankTop, topRow } from '../../core/talk/top.ts';
import { grouped, isAsked, namespacesOf } from './group-containers.ts';
import type { QuestionNeeds } from './question-needs.ts';
import { measurer, orNote, readUsage } from './read-usage.ts';

type TopQuestion = Extract<Question, { ask: 'top' }>;

/** Open incidents to check for containers that were killed and are not running now. */
const mostOpen = 200;

const noKills: KillCount = { day: 0, week: 0, atLeast: false, lastAt: null };

/**
 * Which containers are nearest to their limit, growing, or killed most. What cannot be read becomes a note. The pods
 * are listed just for this question, and only containers, limits and usage points are kept.
 */
export async function answerTop(question: TopQuestion, deadlineMs: number, needs: QuestionNeeds): Promise<TopAnswer> {
  const namespaces = namespacesOf(question, needs.namespaces);
  const isIn = (one: Pick<Subject, 'namespace' | 'workload'>): boolean => isAsked(one, { ...question, namespaces });
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
  const shown = rankTop(rows, question.limit).map(({ row }) => row);
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
