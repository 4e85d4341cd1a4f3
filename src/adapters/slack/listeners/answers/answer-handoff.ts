import { matchesGlob } from '../../../../core/units/glob.ts';
import { isInScope } from '../../../../core/talk/scope.ts';
import { unreadableLines } from '../../../../core/talk/unreadable.ts';
import type { Answer } from '../../blocks/answer.ts';
import { renderHandoff } from '../../blocks/answers/handoff.ts';
import { cutLine } from '../../blocks/answers/list.ts';
import { escapeLine } from '../../blocks/escape.ts';
import { permalink } from '../../place.ts';
import { answerIn } from '../clusters-in.ts';
import type { ListenerDeps } from '../deps.ts';
import { leftOutWords, type Sight, silentWords } from '../sight.ts';
import { mostOpen } from '../with-clusters.ts';

/** Only the worker knows what policy freezes; the rest does not wait for it longer than this, ms. */
const freezesWithinMs = 3_000;

/** What the next shift must know of the open incidents, and where changes are paused. */
export function answerHandoff(deps: ListenerDeps, words: readonly string[], sight: Sight): Promise<Answer> {
  return answerIn(deps, { words, sight, workloads: 'killed' }, async ({ targets, scoped, unknown }) => {
    const unreadable: string[] = [];
    const read = await Promise.all(
      scoped.map(async ({ cluster, namespaces }) => {
        const [open, pause, silences, status] = await Promise.all([
          cluster.store.open(mostOpen, (name) => void unreadable.push(name)),
          cluster.store.pause(),
          cluster.store.silences(),
          cluster.ask({ ask: 'status' }, freezesWithinMs),
        ]);
        return { cluster, namespaces, open, pause, silences, status };
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
      frozen: read.flatMap(({ cluster: { name: cluster }, namespaces, status }) =>
        status.is === 'answered'
          ? status.answer.freezes
              .filter((freeze) => isFrozenIn(freeze, namespaces))
              .map((freeze) => ({ cluster, freeze, isNamed: !sight.hidesNamesOf(cluster) }))
          : [],
      ),
      ignored: read
        .flatMap(({ silences }) => silences)
        .filter(({ subject }) => isInScope(targets, subject) && sight.of({ subject, labels: null }) !== 'nothing'),
      scope: words,
      unknown,
      notes: [
        ...read.flatMap(({ cluster: { name }, status }) =>
          status.is === 'no-answer'
            ? [
                `Whether policy freezes ${escapeLine(name)} is not known: ${escapeLine(silentWords(name, status, sight))}`,
              ]
            : [],
        ),
        ...read.filter(({ open }) => open.length >= mostOpen).map(({ cluster }) => cutLine(cluster.name)),
        ...leftOutWords(found.length - shown.length, ['incident', 'incidents']),
        ...unreadableLines(unreadable, isNamed).map(escapeLine),
      ],
      now: deps.now(),
    });
  });
}

/** Whether a freeze holds in what was asked about; no namespace = the whole cluster. */
function isFrozenIn(freeze: { readonly namespaces: readonly string[] }, asked: readonly string[]): boolean {
  return asked.length === 0 || asked.some((name) => freeze.namespaces.some((glob) => matchesGlob(glob, name)));
}
