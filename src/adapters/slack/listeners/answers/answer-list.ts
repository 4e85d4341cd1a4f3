import type { Loaded } from '../../../../core/incident/incident.ts';
import { isInScope } from '../../../../core/talk/scope.ts';
import { unreadableLines } from '../../../../core/talk/unreadable.ts';
import type { Answer } from '../../blocks/answer.ts';
import { renderList } from '../../blocks/list.ts';
import { answerIn } from '../clusters-in.ts';
import type { Cluster, ListenerDeps } from '../deps.ts';
import { leftOutWords, type Sight } from '../sight.ts';
import { mostOpen } from '../with-clusters.ts';

interface Read {
  readonly incidents: readonly Loaded[];
  readonly suspects: Awaited<ReturnType<Cluster['store']['suspects']>>;
  /** Names of what is stored and cannot be read. */
  readonly unreadable: readonly string[];
}

/** The open incidents of all clusters, or of the clusters and namespaces that the words name. */
export function answerList(deps: ListenerDeps, words: readonly string[], sight: Sight): Promise<Answer> {
  return answerIn(deps, { words, sight }, async ({ targets, scoped, unknown }) => {
    const asked = await Promise.allSettled(scoped.map(async ({ cluster }) => readCluster(cluster.store)));
    const isNamed = !scoped.some(({ cluster }) => sight.hidesNamesOf(cluster.name));
    const read = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    for (const one of asked) if (one.status === 'rejected') deps.log.error(errorOf(one), 'incidents not read');
    const incidents = read
      .flatMap((one) => one.incidents)
      .filter(({ incident }) => isInScope(targets, incident.subject))
      .toSorted((a, b) => b.tally.lastAt - a.tally.lastAt);
    const shown = incidents.filter((one) => sight.ofIncident(one) !== 'nothing');
    return renderList({
      incidents: shown.map((one) => ({ ...one, namesOnly: sight.ofIncident(one) === 'names' })),
      suspects: read
        .flatMap(({ suspects }) => suspects)
        .filter(({ kill }) => isInScope(targets, kill.subject) && sight.of(kill) !== 'nothing')
        .map(({ kill, why }) => ({ kill, why: sight.of(kill) === 'names' ? null : why })),
      leftOut: leftOutWords(incidents.length - shown.length, ['incident', 'incidents']),
      scope: words,
      unreachable: scoped.filter((_, at) => asked[at]?.status === 'rejected').map(({ cluster }) => cluster.name),
      cut: scoped.filter((_, at) => isCut(asked[at])).map(({ cluster }) => cluster.name),
      unknown: [
        ...unknown,
        ...unreadableLines(
          read.flatMap(({ unreadable }) => unreadable),
          isNamed,
        ),
      ],
      now: deps.now(),
    });
  });
}

function isCut(asked: PromiseSettledResult<Read> | undefined): boolean {
  return asked?.status === 'fulfilled' && asked.value.incidents.length >= mostOpen;
}

function errorOf({ reason: error }: { readonly reason: unknown }): { readonly error: unknown } {
  return { error };
}

async function readCluster(store: Cluster['store']): Promise<Read> {
  const unreadable: string[] = [];
  const skipped = (name: string): void => void unreadable.push(name);
  const [incidents, suspects] = await Promise.all([store.open(mostOpen, skipped), store.suspects(skipped)]);
  return { incidents, suspects, unreadable };
}
