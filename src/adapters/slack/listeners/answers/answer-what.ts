import type { Loaded } from '../../../../core/incident/incident.ts';
import {
  type Happened,
  killedIn,
  mended,
  namesWorkload,
  nearPods,
  podHistory,
  type Terminations,
} from '../../../../core/talk/pod-history.ts';
import { type Answer, answerOf } from '../../blocks/answer.ts';
import { section } from '../../blocks/elements.ts';
import { escapeLine } from '../../blocks/escape.ts';
import { renderPodHistory } from '../../blocks/answers/pod-history.ts';
import { renderUnknownName } from '../../blocks/answers/why.ts';
import type { Cluster, ListenerDeps } from '../deps.ts';
import type { Reader, Sight } from '../sight.ts';
import { threadLink } from '../thread-link.ts';
import { mostOpen, withClusters } from '../with-clusters.ts';
import { answerAbout, answerById, type FoundIncident, type Telling } from './answer-incident.ts';

const elsewhere = 'why is only shown in its own channel';
/** How many of the latest closed incidents are read for some names. */
const CLOSED = 20;

/** An id, names, or a word that may be either. */
export interface AboutAsked {
  readonly is: Telling;
  readonly incident: string | null;
  readonly names: readonly string[];
}

/**
 * What happened, by an incident's id or by what it is about; what the exits of a pod were. A mistyped workload is taken
 * for the nearest that was killed, and the answer begins with that.
 */
export function answerWhat(deps: ListenerDeps, { is, incident, names }: AboutAsked, reader: Reader): Promise<Answer> {
  const byName = async (clusters: readonly Cluster[]): Promise<Answer | null> =>
    names.length === 0 ? null : answerNames(deps, clusters, { is, names, mayBeId: incident !== null }, reader);
  if (incident !== null) return answerById(deps, is, { id: incident, only: null }, reader, byName);
  return withClusters(deps, async (clusters) => (await byName(clusters)) ?? renderUnknownName(names, []), {
    pod: names.join(' '),
  });
}

interface ByName extends Pick<AboutAsked, 'is' | 'names'> {
  readonly mayBeId: boolean;
}

async function answerNames(
  deps: ListenerDeps,
  clusters: readonly Cluster[],
  { is, names, mayBeId }: ByName,
  reader: Reader,
): Promise<Answer | null> {
  const found = await readNamed(clusters, names, reader.sight);
  const answer = await answerFound(deps, found, { is, names }, reader);
  if (answer !== null) return answer;
  const meant = mended(names, found.workloads);
  const near = meant === null ? null : await readNamed(clusters, meant.words, reader.sight);
  const about = meant && near && (await answerFound(deps, near, { is, names: meant.words }, reader));
  if (meant === null || about === null)
    return mayBeId && found.near.length === 0 ? null : renderUnknownName(names, found.near);
  const first = `I know no *${escapeLine(meant.typed)}*; this is about *${escapeLine(meant.meant)}*.`;
  return answerOf([section(first), ...about.blocks], [first, about.text]);
}

interface Named {
  readonly happened: readonly Happened[];
  readonly incidents: readonly FoundIncident[];
  readonly workloads: Parameters<typeof mended>[1];
  /** Names of pods that may have been meant. */
  readonly near: readonly string[];
}

/** As if what may not be shown were not known. */
async function readNamed(clusters: readonly Cluster[], names: readonly string[], sight: Sight): Promise<Named> {
  const read = await Promise.all(
    clusters.map(async (cluster) => ({ cluster, known: await readKnown(cluster, names, sight) })),
  );
  const happened = read.flatMap(({ known }) => podHistory(names, known)).toSorted((a, b) => a.at - b.at);
  return {
    happened,
    incidents: read.flatMap(({ cluster, known }) => known.incidents.map((loaded) => ({ cluster, loaded }))),
    workloads: read.flatMap(({ cluster: { name: cluster }, known }) => [
      ...known.incidents.map(({ incident: { subject } }) => ({ ...subject, name: subject.workload.name })),
      ...known.killedPods.map(({ namespace, workload }) => ({ cluster, namespace, name: workload })),
    ]),
    near: happened.length > 0 ? [] : read.flatMap(({ known }) => nearPods(names, known)),
  };
}

async function readKnown({ name, store }: Cluster, names: readonly string[], sight: Sight): Promise<Terminations> {
  const isShown = (namespace: string | null): boolean =>
    sight.of({ subject: { cluster: name, namespace }, labels: null }) !== 'nothing';
  const [open, killedPods, suspects, ignored] = await Promise.all([
    store.open(mostOpen).then((all) => all.filter((one) => sight.ofIncident(one) !== 'nothing')),
    store.killedPods().then((all) => all.filter(({ namespace }) => isShown(namespace))),
    store.suspects().then((all) => all.filter(({ kill }) => sight.of(kill) !== 'nothing')),
    store.ignored().then((all) => all.filter(({ subject }) => isShown(subject.namespace))),
  ]);
  const known = new Set(open.map(({ incident }) => incident.id));
  const others = killedIn(names, name, killedPods).filter((id) => !known.has(id));
  const loaded = await Promise.all(others.slice(-CLOSED).map((id) => store.load(id)));
  return {
    incidents: [...open, ...loaded.filter((one) => one !== null)],
    killedPods,
    suspects: suspects.map((one) => (sight.of(one.kill) === 'names' ? { ...one, why: elsewhere } : one)),
    ignored,
  };
}

/** Exits below the reason of the latest incident are only the end of the story. */
const shownBelow = 5;

/** The latest incident of the workload that was named, and for why its exits; for a pod its exits. Null without either. */
async function answerFound(
  deps: ListenerDeps,
  { happened, incidents }: Named,
  { is, names }: Pick<AboutAsked, 'is' | 'names'>,
  reader: Reader,
): Promise<Answer | null> {
  const ids = new Set(happened.flatMap((one) => (one.is === 'kill' ? [one.incident] : [])));
  const [latest] = incidents
    .filter(
      ({ loaded: { incident } }) => namesWorkload(names, incident.subject) || (is === 'show' && ids.has(incident.id)),
    )
    .toSorted((a, b) => Number(isOpen(b.loaded)) - Number(isOpen(a.loaded)) || lastAt(b) - lastAt(a));
  const about = latest === undefined ? null : await answerAbout(deps, is, latest, reader);
  if (happened.length === 0 || (is === 'show' && about !== null)) return about;
  const links = await linksTo(deps, happened, incidents, reader);
  const history = { word: names.join(' '), happened, links, now: deps.now() };
  if (about === null) return renderPodHistory(history);
  const exits = renderPodHistory(history, shownBelow);
  return answerOf([...about.blocks, ...exits.blocks], [about.text, exits.text]);
}

function isOpen({ incident }: Loaded): boolean {
  return incident.state.is === 'open';
}

function lastAt({ loaded }: FoundIncident): number {
  return loaded.tally.lastAt;
}

async function linksTo(
  deps: ListenerDeps,
  happened: readonly Happened[],
  incidents: readonly FoundIncident[],
  { client }: Reader,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Set(happened.flatMap((one) => (one.is === 'kill' ? [one.incident] : [])));
  const links = await Promise.all(
    [...ids].map(async (id) => {
      const cluster = incidents.find(({ loaded }) => loaded.incident.id === id)?.cluster;
      const link = await threadLink(deps, id, (await cluster?.place(id)) ?? null, client);
      return link.is === 'link' ? [[id, link.url] as const] : [];
    }),
  );
  return new Map(links.flat());
}
