import { Failure } from '../../../../core/failure.ts';
import { subjectKey } from '../../../../core/kill/kill.ts';
import type { TopAnswer } from '../../../../core/talk/question.ts';
import { isInScope, type Target, workloadsIn } from '../../../../core/talk/scope.ts';
import { rankAll, type TopRow } from '../../../../core/talk/top.ts';
import { type Answer, renderSentence } from '../../blocks/answer.ts';
import { pageSize } from '../../blocks/answers/pages.ts';
import { renderTop } from '../../blocks/answers/top.ts';
import { answerIn } from '../clusters-in.ts';
import type { Cluster, ListenerDeps } from '../deps.ts';
import { permalink } from '../../place.ts';
import { hiddenWhy, leftOutWords, silentWords } from '../sight.ts';
import { mostOpen } from '../with-clusters.ts';
import type { ListAsked } from './answer-list.ts';

/** More rows of a cluster than a worker sends are only counted. */
const mostRows = 100;

/** Who is killed most, growing, nearest to the limit: asked of the workers, because only they can see it. */
export function answerTop(deps: ListenerDeps, { words, sight, from, turn }: ListAsked): Promise<Answer> {
  return answerIn(deps, { words, sight, workloads: 'any' }, async ({ clusters, targets, scoped, unknown }) => {
    const replies = await Promise.all(
      scoped.map(async ({ cluster, namespaces, workloads }) => ({
        name: cluster.name,
        reply: await cluster.ask({
          ask: 'top',
          namespaces: [...namespaces],
          // A worker of the version before knows no workloads.
          ...(workloads.length === 0 ? {} : { workloads: [...workloads] }),
          limit: mostRows,
        }),
      })),
    );
    const answered = replies.flatMap(({ name, reply }) =>
      reply.is === 'answered' ? [{ name, answer: reply.answer }] : [],
    );
    const silent = replies.flatMap(({ name, reply }) =>
      reply.is === 'no-answer' ? [silentWords(name, reply, sight)] : [],
    );
    if (answered.length === 0) return renderSentence([...unknown, ...silent].join('\n'));
    const urls = await threadsIn(deps, scoped);
    return topOf(answered, {
      urls,
      words,
      from,
      turn,
      targets,
      sight,
      unknown,
      notes: silent,
      manyClusters: clusters.length > 1,
    });
  });
}

interface TopShown extends ListAsked {
  readonly targets: readonly Target[];
  readonly urls: ReadonlyMap<string, string>;
  readonly unknown: readonly string[];
  readonly notes: readonly string[];
  readonly manyClusters: boolean;
}

function topOf(
  answered: readonly { readonly name: string; readonly answer: TopAnswer }[],
  { words, from, turn, targets, urls, sight, unknown, notes, manyClusters }: TopShown,
): Answer {
  const found = answered
    .flatMap(({ name: cluster, answer }) => answer.rows.map((row) => ({ ...row, cluster })))
    .filter((row) => isInScope(targets, row));
  const rows = found.filter((row) => sight.of({ subject: row, labels: null }) !== 'nothing');
  const ranked = rankAll(rows, pageSize);
  const sum = (of: (answer: TopAnswer) => number): number => answered.reduce((all, { answer }) => all + of(answer), 0);
  return renderTop({
    ranked,
    from,
    turn,
    urls,
    more: sum(({ more }) => more),
    containers: sum(({ containers }) => containers),
    withoutLimit: sum(({ withoutLimit }) => withoutLimit),
    scope: words,
    unknown: [...unknown, ...nowhere(targets, found)],
    leftOut: leftOutWords(found.length - rows.length, ['container', 'containers']),
    manyClusters,
    sources: answered.flatMap(({ name, answer: { source } }) => (source === null ? [] : [{ cluster: name, source }])),
    notes: [
      ...answered.flatMap(({ name, answer }) =>
        notesOf(answer, sight.hidesNamesOf(name)).map((note) => (manyClusters ? `${name}: ${note}` : note)),
      ),
      ...notes,
    ],
  });
}

/** Addresses of the threads of open incidents, by `subjectKey`; rows that may not be shown are left out elsewhere. */
async function threadsIn(
  { teamUrl, log }: ListenerDeps,
  scoped: readonly { readonly cluster: Cluster }[],
): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all(
    scoped.map(async ({ cluster }) => {
      try {
        const open = await cluster.store.open(mostOpen);
        const places = await Promise.all(open.map(async ({ incident }) => cluster.place(incident.id)));
        return open.flatMap(({ incident }, at) => {
          const url = permalink(teamUrl, places[at] ?? null);
          return url === null ? [] : [[subjectKey(incident.subject), url] as const];
        });
      } catch (failure) {
        if (!(failure instanceof Failure)) throw failure;
        log.warn({ error: failure, cluster: cluster.name }, 'top without links to threads');
        return [];
      }
    }),
  );
  return new Map(found.flat());
}

/** A sentence for each workload of which no worker found a container. */
function nowhere(targets: readonly Target[], found: readonly TopRow[]): readonly string[] {
  const named = [...new Set(targets.flatMap((target) => workloadsIn(target)))];
  return named
    .filter((name) => !found.some(({ workload }) => workload.name === name))
    .map((name) => `I know no workload ${name} there: none of its containers runs or was killed.`);
}

/** A worker's notes hold what servers answered, which may name anything. */
function notesOf({ notes }: TopAnswer, isHidden: boolean): readonly string[] {
  return isHidden && notes.length > 0 ? [`Some of it could not be read. ${hiddenWhy}`] : notes;
}
