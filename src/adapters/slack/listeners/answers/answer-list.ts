import type { Loaded } from '../../../../core/incident/incident.ts';
import { isInScope } from '../../../../core/talk/scope.ts';
import { unreadableLines } from '../../../../core/talk/unreadable.ts';
import type { Answer } from '../../blocks/answer.ts';
import { renderList } from '../../blocks/answers/list.ts';
import type { Listed, ListRow } from '../../blocks/answers/list-rows.ts';
import { permalink } from '../../place.ts';
import { answerIn } from '../clusters-in.ts';
import type { Cluster, ListenerDeps } from '../deps.ts';
import { leftOutWords, type Sight } from '../sight.ts';
import { mostOpen } from '../with-clusters.ts';

interface Read {
  readonly cluster: Cluster;
  readonly incidents: readonly Loaded[];
  readonly suspects: Awaited<ReturnType<Cluster['store']['suspects']>>;
  /** Names of what is stored and cannot be read. */
  readonly unreadable: readonly string[];
}

/** What a list is asked for: the words behind the command, which row comes first, and the command that turns the page. */
export interface ListAsked {
  readonly words: readonly string[];
  readonly sight: Sight;
  readonly from: number;
  readonly turn: string | null;
}

/** The open incidents of all clusters, or of the places that the words name. */
export function answerList(deps: ListenerDeps, { words, sight, from, turn }: ListAsked): Promise<Answer> {
  return answerIn(deps, { words, sight, workloads: 'killed' }, async ({ targets, scoped, unknown }) => {
    const asked = await Promise.allSettled(scoped.map(async ({ cluster }) => readCluster(cluster)));
    const isNamed = !scoped.some(({ cluster }) => sight.hidesNamesOf(cluster.name));
    const read = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    for (const one of asked) if (one.status === 'rejected') deps.log.error(errorOf(one), 'incidents not read');
    const found = read.flatMap(({ cluster, incidents }) =>
      incidents
        .filter(({ incident }) => isInScope(targets, incident.subject))
        .map((loaded) => ({ cluster, loaded, see: sight.ofIncident(loaded) })),
    );
    const shown = found
      .filter(({ see }) => see !== 'nothing')
      .toSorted((a, b) => b.loaded.tally.lastAt - a.loaded.tally.lastAt);
    return renderList({
      rows: await rowsOf(deps, shown),
      from,
      turn,
      suspects: read
        .flatMap(({ suspects }) => suspects)
        .filter(({ kill }) => isInScope(targets, kill.subject) && sight.of(kill) !== 'nothing')
        .map(({ kill, why }) => ({ kill, why: sight.of(kill) === 'names' ? null : why })),
      leftOut: leftOutWords(found.length - shown.length, ['incident', 'incidents']),
      scope: words,
      unreachable: scoped.filter((_, at) => asked[at]?.status === 'rejected').map(({ cluster }) => cluster.name),
      cut: scoped.filter((_, at) => isCut(asked[at])).map(({ cluster }) => cluster.name),
      unknown,
      unreadable: unreadableLines(
        read.flatMap(({ unreadable }) => unreadable),
        isNamed,
      ),
      now: deps.now(),
    });
  });
}

interface Found {
  readonly cluster: Cluster;
  readonly loaded: Loaded;
  readonly see: ReturnType<Sight['of']>;
}

/** A row for each incident in the order given; what is only a line of a storm is in the storm's row, at its newest. */
async function rowsOf({ teamUrl }: ListenerDeps, found: readonly Found[]): Promise<readonly ListRow[]> {
  const placed = await Promise.all(
    found.map(async ({ cluster, loaded, see }) => {
      const { id } = loaded.incident;
      const [root, storm] = await Promise.all([cluster.place(id), cluster.storm(id)]);
      return { listed: { ...loaded, namesOnly: see === 'names', url: permalink(teamUrl, root) }, storm };
    }),
  );
  const rows = new Map<string, ListRow>();
  for (const { listed, storm } of placed) {
    const { id, subject } = listed.incident;
    if (storm === null) rows.set(`${subject.cluster}/${id}`, { is: 'incident', listed });
    else
      rows.set(storm.id, {
        is: 'storm',
        id: storm.id,
        url: permalink(teamUrl, storm.root),
        members: joined(rows.get(storm.id), listed),
      });
  }
  return [...rows.values()];
}

function joined(row: ListRow | undefined, listed: Listed): readonly Listed[] {
  return row?.is === 'storm' ? [...row.members, listed] : [listed];
}

function isCut(asked: PromiseSettledResult<Read> | undefined): boolean {
  return asked?.status === 'fulfilled' && asked.value.incidents.length >= mostOpen;
}

function errorOf({ reason: error }: { readonly reason: unknown }): { readonly error: unknown } {
  return { error };
}

async function readCluster(cluster: Cluster): Promise<Read> {
  const unreadable: string[] = [];
  const skipped = (name: string): void => void unreadable.push(name);
  const { store } = cluster;
  const [incidents, suspects] = await Promise.all([store.open(mostOpen, skipped), store.suspects(skipped)]);
  return { cluster, incidents, suspects, unreadable };
}
