import type { Loaded } from '../../../../core/incident/incident.ts';
import { withoutAlertText } from '../../../../core/incident/triggers.ts';
import { nearest } from '../../../../core/talk/edit-distance.ts';
import { type Answer, answerOf } from '../../blocks/answer.ts';
import { renderNamesOnly } from '../../blocks/names-only.ts';
import { renderShow, type ThreadLink } from '../../blocks/show.ts';
import { renderUnknownIncident, renderWhy } from '../../blocks/why.ts';
import type { Cluster, ListenerDeps } from '../deps.ts';
import type { Reader, Sight } from '../sight.ts';
import { threadLink } from '../thread-link.ts';
import { mostOpen, withClusters } from '../with-clusters.ts';
import { findHistory } from './answer-pod.ts';

interface FoundIncident {
  readonly cluster: Cluster;
  readonly loaded: Loaded;
}

/** `isWhole`: with all evidence. */
type Render = (loaded: Loaded, link: () => Promise<ThreadLink>, isWhole: boolean) => Promise<Answer>;

interface AskedIncident {
  readonly id: string;
  /** The cluster that is meant; null where it was not named. */
  readonly only: string | null;
}

/** An incident as it stands now, with the link to its thread. */
export function answerShow(deps: ListenerDeps, id: string, reader: Reader): Promise<Answer> {
  return answerIncident(deps, { id, only: null }, reader, async (loaded, link, isWhole) =>
    renderShow(isWhole ? loaded : withoutAlertText(loaded), await link()),
  );
}

/** Why an incident happened; if the id is unknown, what happened to the pod of that name, if there is one. */
export function answerWhy(
  deps: ListenerDeps,
  { id, only, pod }: AskedIncident & { readonly pod: string | null },
  reader: Reader,
): Promise<Answer> {
  return answerIncident(
    deps,
    { id, only },
    reader,
    async (loaded, link, isWhole) => renderWhy(loaded, isWhole ? null : await link()),
    async (clusters) => (pod === null ? null : findHistory(deps, clusters, pod, reader)),
  );
}

async function linkTo(deps: ListenerDeps, { cluster, loaded }: FoundIncident, { client }: Reader): Promise<ThreadLink> {
  const { id } = loaded.incident;
  return threadLink(deps, id, await cluster.place(id), client);
}

/**
 * The answer about an incident, with no more than may be shown; for an unknown id, and one of which not even the name may
 * be shown, what `otherwise` finds, or the nearest ids. Two clusters may have incidents with the same id: all are rendered.
 */
function answerIncident(
  deps: ListenerDeps,
  { id, only }: AskedIncident,
  reader: Reader,
  render: Render,
  otherwise: (clusters: readonly Cluster[]) => Promise<Answer | null> = () => Promise.resolve(null),
): Promise<Answer> {
  return withClusters(
    deps,
    async (all) => {
      const clusters = only === null ? all : all.filter(({ name }) => name === only);
      const found = (await findIncident(clusters, id)).filter(
        ({ loaded }) => reader.sight.ofIncident(loaded) !== 'nothing',
      );
      if (found.length === 0)
        return (
          (await otherwise(clusters)) ?? renderUnknownIncident(id, await nearIncidents(clusters, id, reader.sight))
        );
      const answers = await Promise.all(
        found.map(async (one) => {
          const see = reader.sight.ofIncident(one.loaded);
          const link = async (): Promise<ThreadLink> => linkTo(deps, one, reader);
          return see === 'names' ? renderNamesOnly(one.loaded, await link()) : render(one.loaded, link, see === 'all');
        }),
      );
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

/** Incidents whose ids are nearest to it, closed ones among them, of which at least the name may be shown. */
async function nearIncidents(clusters: readonly Cluster[], id: string, sight: Sight): Promise<readonly string[]> {
  const ids = await Promise.all(
    clusters.map(async ({ name: cluster, store }) => {
      const [open, killed] = await Promise.all([store.open(mostOpen), store.killedPods()]);
      const isShown = (namespace: string | null): boolean =>
        sight.of({ subject: { cluster, namespace }, labels: null }) !== 'nothing';
      return [
        ...open.filter((one) => sight.ofIncident(one) !== 'nothing').map(({ incident }) => incident.id),
        ...killed.filter(({ namespace }) => isShown(namespace)).map(({ incident }) => incident),
      ];
    }),
  );
  return nearest(id, [...new Set(ids.flat())], 3, 3);
}
