import type { types } from '@slack/bolt';
import type { Pause } from '../../../core/approve/policy.ts';
import type { Loaded, Remediation } from '../../../core/incident/incident.ts';
import { homeNews } from '../../../core/home/home-news.ts';
import { waitsFor } from '../../../core/home/waits-for.ts';
import { worstFirst } from '../../../core/home/worst-first.ts';
import { reportCard } from '../../../core/report/report-card.ts';
import { unreadableLines } from '../../../core/talk/unreadable.ts';
import type { Notice } from '../../../core/talk/what-happened.ts';
import { dayMs } from '../../../core/units/duration.ts';
import type { HomeIncident } from '../blocks/home-incidents.ts';
import { renderHome, renderPlainHome } from '../blocks/home.ts';
import type { Cluster, ListenerDeps } from '../listeners/deps.ts';
import { leftOutWords, type Sight, sightOf } from '../listeners/sight.ts';
import { mostOpen } from '../listeners/with-clusters.ts';
import { permalink } from '../place.ts';

export type HomeDeps = Pick<ListenerDeps, 'clusters' | 'groupsOf' | 'people' | 'reading' | 'homes' | 'teamUrl' | 'log'>;

const reportMs = 7 * dayMs;
/** Entries of an incident since a click: more than that is not needed to find the answer to it. */
const mostEntries = 50;

interface Found {
  readonly cluster: Cluster;
  readonly loaded: Loaded;
  readonly pause: Pause | null;
}

/**
 * The Home tab of a person as it is now, with no more than they may see. A cluster that cannot be read is named; it
 * hides no other. @throws Failure where not even the clusters can be read
 */
export async function readHome(deps: HomeDeps, user: string): Promise<types.HomeView> {
  const mayNot = await deps.people.mayNotAsk(user);
  if (mayNot !== null)
    return renderPlainHome(`${mayNot} Incidents are only shown to you in the channels that you are in.`);
  const [clusters, groups, sight, now] = await Promise.all([
    deps.clusters(),
    deps.groupsOf(user),
    // Of no channel: who may read it is judged by the person alone.
    sightOf(deps, { channel: '', user, shared: false }),
    deps.homes.now(),
  ]);
  const read = await Promise.all(clusters.map(async (cluster) => readCluster(deps, cluster, now - reportMs)));
  const incidents = read.flatMap(({ cluster, incidents: some, pause }) =>
    some.map((loaded) => ({ cluster, loaded, pause })),
  );
  const seen = incidents.filter(({ loaded }) => sight.ofIncident(loaded) !== 'nothing');
  const waiting = seen.flatMap((found) =>
    waitsFor(found.loaded.incident, { by: user, groups }).map((remediation) => ({ found, remediation })),
  );
  const results = read
    .flatMap((one) => one.results)
    .filter(({ subject }) => sight.of({ subject, labels: null }) !== 'nothing');
  const isNamed = !clusters.some(({ name }) => sight.hidesNamesOf(name));
  return renderHome({
    news: await newsFor(deps, { user, clusters, sight }),
    waiting: await Promise.all(
      byExpiry(waiting).map(async ({ found, remediation }) => ({
        shown: await shownOf(deps, found, sight),
        remediation,
        pause: found.pause,
      })),
    ),
    open: worstFirst(await Promise.all(seen.map(async (found) => shownOf(deps, found, sight)))),
    card: reportCard(results),
    clusters: clusters.map(({ name }) => name),
    channel: deps.reading().fallback,
    notes: [
      ...read.flatMap(({ problem }) => (problem === null ? [] : [problem])),
      ...leftOutWords(incidents.length - seen.length, ['incident', 'incidents']),
      ...unreadableLines(
        read.flatMap((one) => one.unreadable),
        isNamed,
      ),
    ],
    now,
  });
}

interface ReadCluster {
  readonly cluster: Cluster;
  readonly incidents: readonly Loaded[];
  readonly results: Awaited<ReturnType<Cluster['store']['results']>>;
  readonly unreadable: readonly string[];
  readonly pause: Pause | null;
  /** Why nothing of it is shown; null where it could be read. */
  readonly problem: string | null;
}

async function readCluster({ log }: HomeDeps, cluster: Cluster, since: number): Promise<ReadCluster> {
  const unreadable: string[] = [];
  const skipped = (name: string): void => void unreadable.push(name);
  try {
    const [incidents, results, pause] = await Promise.all([
      cluster.store.open(mostOpen, skipped),
      cluster.store.results(since, skipped),
      cluster.store.pause(),
    ]);
    return { cluster, incidents, results, unreadable, pause, problem: null };
  } catch (error) {
    log.error({ error, cluster: cluster.name }, 'incidents not read');
    const problem = `Incomplete: the incidents of ${cluster.name} cannot be read at the moment.`;
    return { cluster, incidents: [], results: [], unreadable: [], pause: null, problem };
  }
}

interface Reader {
  readonly user: string;
  readonly clusters: readonly Cluster[];
  readonly sight: Sight;
}

/** What became of each click, the latest about one plan only. */
async function newsFor({ homes, log }: HomeDeps, { user, clusters, sight }: Reader): Promise<readonly Notice[]> {
  const clicks = await homes.clicks(user);
  const latest = new Map(
    clicks.map((click) => [[click.cluster, click.incident, click.plan].join('\n'), click] as const),
  );
  const news = await Promise.all(
    [...latest.values()].map(async (click) => {
      const store = clusters.find(({ name }) => name === click.cluster)?.store;
      try {
        const loaded = await store?.load(click.incident);
        if (store === undefined || !loaded || sight.ofIncident(loaded) === 'nothing') return [];
        const since = await store.entries(click.incident, `${click.at}-0`, mostEntries);
        return [
          homeNews(
            user,
            click,
            loaded,
            since.map(({ entry }) => entry),
          ),
        ];
      } catch (error) {
        log.warn({ error, incident: click.incident }, 'answer not read');
        return [];
      }
    }),
  );
  return news.flat();
}

async function shownOf({ teamUrl, log }: HomeDeps, { cluster, loaded }: Found, sight: Sight): Promise<HomeIncident> {
  const { incident, tally } = loaded;
  const place = await cluster.place(incident.id).catch((error: unknown) => {
    log.warn({ error, incident: incident.id }, 'no link to the thread');
    return null;
  });
  const url = permalink(teamUrl, place);
  return { incident, tally, namesOnly: sight.ofIncident(loaded) === 'names', url };
}

/** What expires first comes first. */
function byExpiry<T extends { readonly remediation: Remediation }>(waiting: readonly T[]): readonly T[] {
  return waiting.toSorted((a, b) => (a.remediation.expiresAt ?? Infinity) - (b.remediation.expiresAt ?? Infinity));
}
