import type { Loaded } from '../../../core/incident/incident.ts';
import type { Subject } from '../../../core/kill/kill.ts';
import { type Answer, renderSentence } from '../blocks/answer.ts';
import { type ListInput, renderList } from '../blocks/list.ts';
import { UNREADABLE_STORE } from './answer-why.ts';
import type { Cluster, ListenerDeps } from './deps.ts';

const OPEN = 200;

/** The open incidents of all clusters, or of the clusters and namespaces that `scope` names. */
export async function answerList(deps: ListenerDeps, scope: readonly string[]): Promise<Answer> {
  let clusters: readonly Cluster[];
  try {
    clusters = await deps.clusters();
  } catch (failure) {
    deps.log.error({ error: failure }, 'clusters not read');
    return renderSentence(UNREADABLE_STORE);
  }
  const asked = await Promise.allSettled(clusters.map(async ({ store }) => readCluster(store)));
  const read = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  for (const one of asked) if (one.status === 'rejected') deps.log.error(errorOf(one), 'incidents not read');
  const isIn = scopeOf(scope);
  return renderList({
    incidents: read
      .flatMap(({ incidents }) => incidents)
      .filter(({ incident }) => isIn(incident.subject))
      .toSorted((a, b) => b.tally.lastAt - a.tally.lastAt),
    suspects: read.flatMap(({ suspects }) => suspects).filter(({ kill }) => isIn(kill.subject)),
    scope,
    unreachable: clusters.filter((_, at) => asked[at]?.status === 'rejected').map(({ name }) => name),
    cut: clusters.filter((_, at) => isCut(asked[at])).map(({ name }) => name),
    now: deps.now(),
  });
}

function isCut(asked: PromiseSettledResult<{ readonly incidents: readonly Loaded[] }> | undefined): boolean {
  return asked?.status === 'fulfilled' && asked.value.incidents.length >= OPEN;
}

function errorOf({ reason: error }: { readonly reason: unknown }): { readonly error: unknown } {
  return { error };
}

async function readCluster(
  store: Cluster['store'],
): Promise<{ readonly incidents: readonly Loaded[]; readonly suspects: ListInput['suspects'] }> {
  const [incidents, suspects] = await Promise.all([store.open(OPEN), store.suspects()]);
  return { incidents, suspects };
}

/** Each word is a cluster, a namespace, or `cluster/namespace`; an incident has to be in one of them. */
function scopeOf(scope: readonly string[]): (subject: Subject) => boolean {
  return ({ cluster, namespace }) =>
    scope.length === 0 ||
    scope.some((word) => word === cluster || word === namespace || word === `${cluster}/${namespace ?? '-'}`);
}
