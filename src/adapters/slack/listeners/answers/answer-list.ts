import type { Loaded } from '../../../../core/incident/incident.ts';
import { isInScope } from '../../../../core/talk/scope.ts';
import type { Answer } from '../../blocks/answer.ts';
import { type ListInput, renderList } from '../../blocks/list.ts';
import { answerIn, type ScopedCluster, unknownEverywhere } from '../clusters-in.ts';
import type { Cluster, ListenerDeps } from '../deps.ts';

const OPEN = 200;
/** Whether a namespace exists is worth this much waiting, ms. */
const NAMES_MS = 3_000;

interface Read {
  readonly incidents: readonly Loaded[];
  readonly suspects: ListInput['suspects'];
}

/** The open incidents of all clusters, or of the clusters and namespaces that the words name. */
export function answerList(deps: ListenerDeps, words: readonly string[]): Promise<Answer> {
  return answerIn(deps, words, async ({ clusters, scope, scoped, unknown }) => {
    const asked = await Promise.allSettled(scoped.map(async ({ cluster }) => readCluster(cluster.store)));
    const read = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    for (const one of asked) if (one.status === 'rejected') deps.log.error(errorOf(one), 'incidents not read');
    const incidents = read
      .flatMap((one) => one.incidents)
      .filter(({ incident }) => isInScope(scope.targets, incident.subject))
      .toSorted((a, b) => b.tally.lastAt - a.tally.lastAt);
    const seen = new Set(incidents.map(({ incident }) => incident.subject.namespace));
    return renderList({
      incidents,
      suspects: read.flatMap(({ suspects }) => suspects).filter(({ kill }) => isInScope(scope.targets, kill.subject)),
      scope: words,
      unreachable: scoped.filter((_, at) => asked[at]?.status === 'rejected').map(({ cluster }) => cluster.name),
      cut: scoped.filter((_, at) => isCut(asked[at])).map(({ cluster }) => cluster.name),
      unknown: [...unknown, ...(await unknownNames(scoped, seen, clusters))],
      now: deps.now(),
    });
  });
}

/** A namespace without an incident may be a good one or a mistyped one; its cluster knows. */
async function unknownNames(
  scoped: readonly ScopedCluster[],
  seen: ReadonlySet<string | null>,
  clusters: readonly Cluster[],
): Promise<readonly string[]> {
  const said = await Promise.all(
    scoped.map(async ({ cluster, namespaces }) => {
      const asked = namespaces.filter((name) => !seen.has(name));
      if (asked.length === 0) return { asked, unknown: [] };
      const reply = await cluster.ask({ ask: 'namespaces', names: [...asked] }, NAMES_MS);
      return { asked, unknown: reply.is === 'answered' ? reply.answer.unknown : [] };
    }),
  );
  return unknownEverywhere(said, clusters);
}

function isCut(asked: PromiseSettledResult<Read> | undefined): boolean {
  return asked?.status === 'fulfilled' && asked.value.incidents.length >= OPEN;
}

function errorOf({ reason: error }: { readonly reason: unknown }): { readonly error: unknown } {
  return { error };
}

async function readCluster(store: Cluster['store']): Promise<Read> {
  const [incidents, suspects] = await Promise.all([store.open(OPEN), store.suspects()]);
  return { incidents, suspects };
}
