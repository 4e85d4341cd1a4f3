import { rankDebt } from '../../../../core/talk/answers/debt.ts';
import type { DebtAnswer } from '../../../../core/talk/question.ts';
import { isInScope } from '../../../../core/talk/scope.ts';
import { type Answer, renderSentence } from '../../blocks/answer.ts';
import { renderDebt } from '../../blocks/answers/debt.ts';
import { answerIn } from '../clusters-in.ts';
import type { ListenerDeps } from '../deps.ts';
import { hiddenWhy, leftOutWords, silentWords } from '../sight.ts';
import type { ListAsked } from './answer-list.ts';

/** More rows of a cluster than a worker sends are only counted. */
const mostRows = 100;

/** Whose limits and requests are far above what they use: asked of the workers, because only they can see it. */
export function answerDebt(deps: ListenerDeps, { words, sight, from, turn }: ListAsked): Promise<Answer> {
  return answerIn(deps, { words, sight, workloads: 'any' }, async ({ clusters, targets, scoped, unknown }) => {
    const replies = await Promise.all(
      scoped.map(async ({ cluster, namespaces, workloads }) => ({
        name: cluster.name,
        reply: await cluster.ask({
          ask: 'debt',
          namespaces: [...namespaces],
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
    const found = answered
      .flatMap(({ name: cluster, answer }) => answer.rows.map((row) => ({ ...row, cluster })))
      .filter((row) => isInScope(targets, row));
    const rows = found.filter((row) => sight.of({ subject: row, labels: null }) !== 'nothing');
    const sum = (of: (answer: DebtAnswer) => number): number =>
      answered.reduce((all, { answer }) => all + of(answer), 0);
    return renderDebt({
      rows: rankDebt(rows),
      more: sum(({ more }) => more),
      total: {
        requestDebtBytes: sum(({ requestDebtBytes }) => requestDebtBytes),
        limitDebtBytes: sum(({ limitDebtBytes }) => limitDebtBytes),
      },
      measured: sum(({ measured }) => measured),
      notMeasured: sum(({ notMeasured }) => notMeasured),
      killed: sum(({ killed }) => killed),
      price: answered.map(({ answer }) => answer.price).find((price) => price !== null) ?? null,
      from,
      turn,
      scope: words,
      unknown,
      manyClusters: clusters.length > 1,
      sources: answered.flatMap(({ name, answer: { source } }) => (source === null ? [] : [{ cluster: name, source }])),
      leftOut: leftOutWords(found.length - rows.length, ['container', 'containers']),
      notes: [
        ...answered.flatMap(({ name, answer: { notes } }) => {
          const told =
            sight.hidesNamesOf(name) && notes.length > 0 ? [`Some of it could not be read. ${hiddenWhy}`] : notes;
          return told.map((note) => (clusters.length > 1 ? `${name}: ${note}` : note));
        }),
        ...silent,
      ],
    });
  });
}
