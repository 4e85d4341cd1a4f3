import type { Question } from '../../../../core/talk/question.ts';
import { type Answer, answerOf } from '../../blocks/answer.ts';
import { section } from '../../blocks/elements.ts';
import { escapeLine, withPeople } from '../../blocks/escape.ts';
import { answerIn } from '../clusters-in.ts';
import type { ListenerDeps } from '../deps.ts';
import type { Sight } from '../sight.ts';

type Wanted = Pick<Extract<Question, { ask: 'pause' }>, 'want' | 'by' | 'groups' | 'reason'>;

/** The kill switch, of the named clusters or of all. Each worker decides whether this person may, and answers. */
export function answerPause(
  deps: ListenerDeps,
  scope: { readonly words: readonly string[]; readonly sight: Sight },
  wanted: Wanted,
): Promise<Answer> {
  return answerIn(deps, { ...scope, workloads: 'none' }, async ({ scoped, unknown }) => {
    // Only whole clusters can be paused; for a namespace that would be more than was asked for.
    const whole = scoped.filter(({ isWhole }) => isWhole);
    const named = [...new Set(scoped.flatMap(({ namespaces }) => namespaces))];
    const lines = await Promise.all(
      whole.map(async ({ cluster }) => {
        const reply = await cluster.ask({ ask: 'pause', ...wanted });
        const said =
          reply.is === 'answered' ? withPeople(reply.answer.text, reply.answer.people) : escapeLine(reply.sentence);
        return `*${escapeLine(cluster.name)}*: ${said}`;
      }),
    );
    const refused = [
      ...unknown,
      ...named.map((name) => `I know no cluster ${name}; only whole clusters can be paused. See /oom status.`),
    ].map(escapeLine);
    const all = [...refused, ...lines];
    return answerOf(
      all.map((line) => section(line)),
      all,
    );
  });
}
