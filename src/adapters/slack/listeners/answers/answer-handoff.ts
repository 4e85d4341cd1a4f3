import { isInScope } from '../../../../core/talk/scope.ts';
import { unreadableLines } from '../../../../core/talk/unreadable.ts';
import type { Answer } from '../../blocks/answer.ts';
import { renderHandoff } from '../../blocks/answers/handoff.ts';
import { cutLine } from '../../blocks/answers/list.ts';
import { escapeLine } from '../../blocks/escape.ts';
import { permalink } from '../../place.ts';
import { answerIn } from '../clusters-in.ts';
import type { ListenerDeps } from '../deps.ts';
import { leftOutWords, type Sight } from '../sight.ts';
import { mostOpen } from '../with-clusters.ts';

/** What the next shift must know of the open incidents, and where changes are paused. */
export function answerHandoff(deps: ListenerDeps, words: readonly string[], sight: Sight): Promise<Answer> {
  return answerIn(deps, { words, sight, workloads: 'killed' }, async ({ targets, scoped, unknown }) => {
    const unreadable: string[] = [];
    const read = await Promise.all(
      scoped.map(async ({ cluster }) => {
        const [open, pause] = await Promise.all([
          cluster.store.open(mostOpen, (name) => void unreadable.push(name)),
          cluster.store.pause(),
        ]);
        return { cluster, open, pause };
      }),
    );
    const found = read.flatMap(({ cluster, open }) =>
      open.filter(({ incident }) => isInScope(targets, incident.subject)).map((loaded) => ({ cluster, loaded })),
    );
    const shown = found.filter(({ loaded }) => sight.ofIncident(loaded) !== 'nothing');
    const isNamed = !scoped.some(({ cluster }) => sight.hidesNamesOf(cluster.name));
    return renderHandoff({
      incidents: await Promise.all(
        shown.map(async ({ cluster, loaded }) => {
          const { id } = loaded.incident;
          const [root, storm] = await Promise.all([cluster.place(id), cluster.storm(id)]);
          return {
            ...loaded,
            namesOnly: sight.ofIncident(loaded) === 'names',
            url: permalink(deps.teamUrl, root),
            storm: storm === null ? null : { id: storm.id, url: permalink(deps.teamUrl, storm.root) },
          };
        }),
      ),
      paused: read.flatMap(({ cluster: { name: cluster }, pause }) => (pause === null ? [] : [{ cluster, pause }])),
      scope: words,
      unknown,
      notes: [
        ...read.filter(({ open }) => open.length >= mostOpen).map(({ cluster }) => cutLine(cluster.name)),
        ...leftOutWords(found.length - shown.length, ['incident', 'incidents']),
        ...unreadableLines(unreadable, isNamed).map(escapeLine),
      ],
      now: deps.now(),
    });
  });
}
