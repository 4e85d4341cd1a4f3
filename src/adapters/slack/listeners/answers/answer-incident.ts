import type { Loaded } from '../../../../core/incident/incident.ts';
import { withoutAlertText } from '../../../../core/incident/triggers.ts';
import { nearest } from '../../../../core/talk/edit-distance.ts';
import { type Answer, answerOf } from '../../blocks/answer.ts';
import { renderNamesOnly } from '../../blocks/answers/names-only.ts';
import { renderShow, type ThreadLink } from '../../blocks/answers/show.ts';
import { renderUnknownIncident, renderWhy } from '../../blocks/answers/why.ts';
import type { Cluster, ListenerDeps } from '../deps.ts';
import type { Reader, Sight } from '../sight.ts';
import { threadLink } from '../thread-link.ts';
import { mostOpen, withClusters } from '../with-clusters.ts';

export interface FoundIncident {
  readonly cluster: Cluster;
  readonly loaded: Loaded;
}

/** `isWhole`: with all evidence. */
type Render = (loaded: Loaded, link: () => Promise<ThreadLink>, isWhole: boolean) => Promise<Answer>;

export interface AskedIncident {
  readonly id: string;
  /** The cluster that is meant; null where it was not named. */
  readonly only: string | null;
}

/** What is told of an incident: `why` it happened, or how it stands now with the link to its thread. */
export type Telling = 'why' | 'show';

const renders: Readonly<Record<Telling, Render>> = {
  why: async (loaded, link, isWhole) => renderWhy(loaded, isWhole ? null : await link()),
  show: async (loaded, link, isWhole) => renderShow(isWhole ? loaded : withoutAlertText(loaded), await link()),
};

/** An incident by its id; what `otherwise` answers if nobody knows it. */
export function answerById(
  deps: ListenerDeps,
  telling: Telling,
  asked: AskedIncident,
  reader: Reader,
  otherwise: Otherwise = nothingElse,
): Promise<Answer> {
  return answerIncident(deps, asked, reader, renders[telling], otherwise);
}

/** An incident that was found, with no more than may be shown. */
export function answerAbout(
  deps: ListenerDeps,
  telling: Telling,
  found: FoundIncident,
  reader: Reader,
): Promise<Answer> {
  return shownOf(deps, found, reader, renders[telling]);
}

/** What is answered for an id that nobody knows; null = that it is not known. */
type Otherwise = (clusters: readonly Cluster[]) => Promise<Answer | null>;

const nothingElse: Otherwise = () => Promise.resolve(null);

async function shownOf(deps: ListenerDeps, found: FoundIncident, reader: Reader, render: Render): Promise<Answer> {
  const see = reader.sight.ofIncident(found.loaded);
  const link = async (): Promise<ThreadLink> => linkTo(deps, found, reader);
  return see === 'names' ? renderNamesOnly(found.loaded, await link()) : render(found.loaded, link, see === 'all');
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
  otherwise: Otherwise,
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
      const answers = await Promise.all(found.map(async (one) => shownOf(deps, one, reader, render)));
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
