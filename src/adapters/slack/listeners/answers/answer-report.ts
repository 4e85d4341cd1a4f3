import type { Result } from '../../../../core/incident/result.ts';
import { reportCard } from '../../../../core/report/report-card.ts';
import { isInScope } from '../../../../core/talk/scope.ts';
import { unreadableLines } from '../../../../core/talk/unreadable.ts';
import { dayMs } from '../../../../core/units/duration.ts';
import type { Answer } from '../../blocks/answer.ts';
import { renderReport } from '../../blocks/answers/report.ts';
import { answerIn } from '../clusters-in.ts';
import type { ListenerDeps } from '../deps.ts';
import { leftOutWords, type Sight } from '../sight.ts';

interface Wanted {
  readonly words: readonly string[];
  readonly days: number;
  readonly sight: Sight;
}

/** Whether the changes of the last days held, of all clusters or of those that the words name. */
export function answerReport(deps: ListenerDeps, { words, days, sight }: Wanted): Promise<Answer> {
  return answerIn(deps, { words, sight, workloads: 'killed' }, async ({ targets, scoped, unknown }) => {
    const unreadable: string[] = [];
    const since = deps.now() - days * dayMs;
    const results = await Promise.all(
      scoped.map(async ({ cluster }) => cluster.store.results(since, (name) => void unreadable.push(name))),
    );
    const inScope = results.flat().filter(({ subject }) => isInScope(targets, subject));
    const shown = inScope.filter(({ subject }) => sight.of({ subject, labels: null }) !== 'nothing');
    const isNamed = !scoped.some(({ cluster }) => sight.hidesNamesOf(cluster.name));
    return renderReport({
      card: reportCard(shown),
      days,
      scope: words,
      unknown,
      notes: [
        ...leftOutWords(plansOf(inScope) - plansOf(shown), ['change', 'changes']),
        ...unreadableLines(unreadable, isNamed),
      ],
    });
  });
}

/** A change may have been checked several times. */
function plansOf(results: readonly Result[]): number {
  return new Set(results.map(({ subject, plan }) => `${subject.cluster}/${plan}`)).size;
}
