import type { webApi } from '@slack/bolt';
import type { Loaded } from '../../../../core/incident/incident.ts';
import { nearest } from '../../../../core/talk/edit-distance.ts';
import { type Answer, answerOf } from '../../blocks/answer.ts';
import { renderShow } from '../../blocks/show.ts';
import { renderUnknownIncident, renderWhy } from '../../blocks/why.ts';
import type { Cluster, ListenerDeps } from '../deps.ts';
import { threadLink } from '../thread-link.ts';
import { mostOpen, withClusters } from '../with-clusters.ts';
import { findHistory } from './answer-pod.ts';

interface FoundIncident {
  readonly cluster: Cluster;
  readonly loaded: Loaded;
}

interface AskedIncident {
  readonly id: string;
  /** The cluster that is meant; null where it was not named. */
  readonly only: string | null;
}

/** An incident as it stands now, with the link to its thread. */
export function answerShow(deps: ListenerDeps, id: string, client: webApi.WebClient): Promise<Answer> {
  return answerIncident(deps, { id, only: null }, async ({ cluster, loaded }) =>
    renderShow(loaded, await threadLink(deps, id, await cluster.place(id), client)),
  );
}

/** Why an incident happened; if the id is unknown, what happened to the pod of that name, if there is one. */
export function answerWhy(
  deps: ListenerDeps,
  { id, only, pod }: AskedIncident & { readonly pod: string | null },
  client: webApi.WebClient,
): Promise<Answer> {
  return answerIncident(
    deps,
    { id, only },
    async ({ loaded }) => renderWhy(loaded),
    async (clusters) => (pod === null ? null : findHistory(deps, clusters, pod, client)),
  );
}

/**
 * The answer about an incident; for an unknown id, what `otherwise` finds, or the nearest ids. Two clusters may have
 * incidents with the same id: all are rendered.
 */
function answerIncident(
  deps: ListenerDeps,
  { id, only }: AskedIncident,
  render: (found: FoundIncident) => Promise<Answer>,
  otherwise: (clusters: readonly Cluster[]) => Promise<Answer | null> = () => Promise.resolve(null),
): Promise<Answer> {
  return withClusters(
    deps,
    async (all) => {
      const clusters = only === null ? all : all.filter(({ name }) => name === only);
      const found = await findIncident(clusters, id);
      if (found.length === 0)
        return (await otherwise(clusters)) ?? renderUnknownIncident(id, await nearIncidents(clusters, id));
      const answers = await Promise.all(found.map(render));
      return answerOf(
        answers.flatMap(({ blocks }) => blocks),
        answers.map(({ text }) => text),
      );
    },
    { incident: id },
  );
}

async function findIncident(clusters: readonly Cluster[], id: string): Promise<readonly FoundIncident[]> {
  const found = await Promise.all(
    clusters.map(async (cluster) => {
      const loaded = await cluster.store.load(id);
      return loaded === null ? [] : [{ cluster, loaded }];
    }),
  );
  return found.flat();
}

/** Incidents whose ids are nearest to it, closed ones among them. */
async function nearIncidents(clusters: readonly Cluster[], id: string): Promise<readonly string[]> {
  const ids = await Promise.all(
    clusters.map(async ({ store }) => {
      const [open, killed] = await Promise.all([store.open(mostOpen), store.killedPods()]);
      return [...open.map(({ incident }) => incident.id), ...killed.map(({ incident }) => incident)];
    }),
  );
  return nearest(id, [...new Set(ids.flat())], 3, 3);
}
