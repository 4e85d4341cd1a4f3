import { killedIn, nearPods, podHistory, type Happened } from '../../../../core/talk/pod-history.ts';
import type { Answer } from '../../blocks/answer.ts';
import { renderPodHistory } from '../../blocks/pod-history.ts';
import type { Cluster, ListenerDeps } from '../deps.ts';
import type { Reader, Sight } from '../sight.ts';
import { threadLink } from '../thread-link.ts';
import { mostOpen, withClusters } from '../with-clusters.ts';

const elsewhere = 'why is only shown in its own channel';
/** How many of the latest closed incidents are read for one word. */
const CLOSED = 20;

/** What is known of a pod's or workload's terminations, in all clusters; null if nothing is. */
export async function findHistory(
  deps: ListenerDeps,
  clusters: readonly Cluster[],
  word: string,
  reader: Reader,
): Promise<Answer | null> {
  const found = await historyOf(clusters, word, reader.sight);
  return found.happened.length === 0 ? null : render(deps, { ...found, word }, reader);
}

/** A pod's terminations, or that nothing is known and which pod may have been meant. */
export function answerPod(deps: ListenerDeps, word: string, reader: Reader): Promise<Answer> {
  return withClusters(
    deps,
    async (clusters) => render(deps, { ...(await historyOf(clusters, word, reader.sight)), word }, reader),
    { pod: word },
  );
}

interface History {
  readonly happened: readonly Happened[];
  readonly near: readonly string[];
  readonly clusters: readonly Cluster[];
}

/** As if what may not be shown were not known. */
async function historyOf(clusters: readonly Cluster[], word: string, sight: Sight): Promise<History> {
  const read = await Promise.all(
    clusters.map(async ({ name, store }) => {
      const isShown = (namespace: string | null): boolean =>
        sight.of({ subject: { cluster: name, namespace }, labels: null }) !== 'nothing';
      const [open, killedPods, suspects, ignored] = await Promise.all([
        store.open(mostOpen).then((all) => all.filter((one) => sight.ofIncident(one) !== 'nothing')),
        store.killedPods().then((all) => all.filter(({ namespace }) => isShown(namespace))),
        store.suspects().then((all) => all.filter(({ kill }) => sight.of(kill) !== 'nothing')),
        store.ignored().then((all) => all.filter(({ subject }) => isShown(subject.namespace))),
      ]);
      const known = new Set(open.map(({ incident }) => incident.id));
      const others = killedIn(word, name, killedPods).filter((id) => !known.has(id));
      const loaded = await Promise.all(others.slice(-CLOSED).map((id) => store.load(id)));
      return {
        incidents: [...open, ...loaded.filter((one) => one !== null)],
        killedPods,
        suspects: suspects.map((one) => (sight.of(one.kill) === 'names' ? { ...one, why: elsewhere } : one)),
        ignored,
      };
    }),
  );
  const happened = read.flatMap((known) => podHistory(word, known)).toSorted((a, b) => a.at - b.at);
  const near = happened.length > 0 ? [] : read.flatMap((known) => nearPods(word, known)).slice(0, 3);
  return { happened, near, clusters };
}

async function render(
  deps: ListenerDeps,
  { happened, near, clusters, word }: History & { readonly word: string },
  { client }: Reader,
): Promise<Answer> {
  const places = new Map(
    happened.flatMap((one) => (one.is === 'kill' ? [[one.incident, one.subject.cluster] as const] : [])),
  );
  const links = new Map<string, string>();
  for (const [incident, name] of places) {
    const place = await clusters.find((one) => one.name === name)?.place(incident);
    const link = await threadLink(deps, incident, place ?? null, client);
    if (link.is === 'link') links.set(incident, link.url);
  }
  return renderPodHistory({ word, happened, near, links, now: deps.now() });
}
