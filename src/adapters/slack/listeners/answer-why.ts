import { Failure } from '../../../core/failure.ts';
import type { Loaded } from '../../../core/incident/incident.ts';
import { nearest } from '../../../core/talk/edit-distance.ts';
import { type Answer, answerOf, renderSentence } from '../blocks/answer.ts';
import { renderUnknownIncident, renderWhy } from '../blocks/why.ts';
import type { Cluster, ListenerDeps } from './deps.ts';

export const UNREADABLE_STORE = 'I cannot reach my store at the moment. Please try again in a minute.';

const OPEN = 200;

/** Why an incident happened; for an id that nobody knows, the nearest open ones. `only` names one cluster. */
export async function answerWhy(deps: ListenerDeps, id: string, only: string | null): Promise<Answer> {
  try {
    const all = await deps.clusters();
    const clusters = only === null ? all : all.filter(({ name }) => name === only);
    const found = await everywhere(clusters, async ({ store }) => {
      const loaded = await store.load(id);
      return loaded === null ? [] : [loaded];
    });
    if (found.length === 0) return await unknown(clusters, id);
    const answers = found.map(renderWhy);
    return answerOf(
      answers.flatMap(({ blocks }) => blocks),
      answers.map(({ text }) => text),
    );
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    deps.log.error({ error: failure, incident: id }, 'incident not read');
    return renderSentence(UNREADABLE_STORE);
  }
}

async function unknown(clusters: readonly Cluster[], id: string): Promise<Answer> {
  const open = await everywhere(clusters, async ({ store }) => store.open(OPEN));
  const ids = open.map(({ incident }) => incident.id);
  return renderUnknownIncident(id, nearest(id, ids, 3, 3));
}

/** An id belongs to a cluster, so that two clusters may know the same one: all of them answer. */
async function everywhere(
  clusters: readonly Cluster[],
  ask: (cluster: Cluster) => Promise<readonly Loaded[]>,
): Promise<readonly Loaded[]> {
  return (await Promise.all(clusters.map(ask))).flat();
}
