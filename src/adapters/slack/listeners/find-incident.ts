import type { Loaded } from '../../../core/incident/incident.ts';
import { nearest } from '../../../core/talk/edit-distance.ts';
import type { Cluster } from './deps.ts';

const OPEN = 200;

export interface FoundIncident {
  readonly cluster: Cluster;
  readonly loaded: Loaded;
}

/** An id belongs to a cluster, so that two clusters may know the same one: all that do. @throws Failure */
export async function findIncident(clusters: readonly Cluster[], id: string): Promise<readonly FoundIncident[]> {
  const found = await Promise.all(
    clusters.map(async (cluster) => {
      const loaded = await cluster.store.load(id);
      return loaded === null ? [] : [{ cluster, loaded }];
    }),
  );
  return found.flat();
}

/** Open incidents whose ids are nearest to one that nobody knows. @throws Failure */
export async function nearIncidents(clusters: readonly Cluster[], id: string): Promise<readonly string[]> {
  const open = await Promise.all(clusters.map(async ({ store }) => store.open(OPEN)));
  const ids = open.flat().map(({ incident }) => incident.id);
  return nearest(id, ids, 3, 3);
}
