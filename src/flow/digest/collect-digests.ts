import type { DigestIncident, Undecided } from '../../core/digest/digest.ts';
import type { Result } from '../../core/incident/result.ts';
import { undecided } from '../../core/talk/pod-history.ts';
import type { Asked, MaySee } from '../../core/talk/readers.ts';
import type { DigestCluster, DigestNeeds } from './needs.ts';

/** Open incidents of one cluster that are looked at. */
const mostOpen = 500;

/** What there is of each channel, with no more than may be shown there. */
export interface Collected {
  readonly open: ReadonlyMap<string, readonly DigestIncident[]>;
  readonly results: ReadonlyMap<string, readonly Result[]>;
  readonly undecided: ReadonlyMap<string, readonly Undecided[]>;
}

type Places = Pick<DigestNeeds, 'channels'>['channels'];

/** Everything that digests may be about; `since` (ms UTC) is how far results look back. @throws Failure */
export async function collectDigests(
  { clusters, channels }: Pick<DigestNeeds, 'clusters' | 'channels'>,
  since: number,
): Promise<Collected> {
  const read = await Promise.all(
    (await clusters()).map(async (cluster) => ({
      open: await openOf(cluster, channels),
      results: await resultsOf(cluster, channels, since),
      undecided: await undecidedOf(cluster, channels),
    })),
  );
  return {
    open: byChannel(read.flatMap(({ open }) => open)),
    results: byChannel(read.flatMap(({ results }) => results)),
    undecided: byChannel(read.flatMap((one) => one.undecided)),
  };
}

interface In<T> {
  readonly channel: string;
  readonly what: T;
}

function byChannel<T>(all: readonly In<T>[]): ReadonlyMap<string, readonly T[]> {
  const groups = Map.groupBy(all, ({ channel }) => channel);
  return new Map([...groups].map(([channel, some]) => [channel, some.map(({ what }) => what)]));
}

async function openOf({ store, place }: DigestCluster, channels: Places): Promise<readonly In<DigestIncident>[]> {
  const open = await store.open(mostOpen);
  const shown = open.flatMap(({ incident, tally }) => {
    const { channel, see } = seeIn(channels, incident.trigger);
    return see === 'nothing' ? [] : [{ channel, incident, tally, namesOnly: see === 'names' }];
  });
  return Promise.all(
    shown.map(async ({ channel, ...rest }) => ({ channel, what: { ...rest, place: await place(rest.incident.id) } })),
  );
}

/** Their channel is that of their incident, which is kept as long as they are. */
async function resultsOf({ store }: DigestCluster, channels: Places, since: number): Promise<readonly In<Result>[]> {
  const results = await store.results(since);
  const ids = [...new Set(results.map(({ incident }) => incident))];
  const loaded = new Map(await Promise.all(ids.map(async (id) => [id, await store.load(id)] as const)));
  return results.flatMap((result) => {
    const trigger = loaded.get(result.incident)?.incident.trigger;
    if (trigger === undefined) return [];
    const { channel, see } = seeIn(channels, trigger);
    if (see === 'nothing') return [];
    return [{ channel, what: see === 'names' ? { ...result, limitBytes: null, spareBytes: null } : result }];
  });
}

async function undecidedOf({ store }: DigestCluster, channels: Places): Promise<readonly In<Undecided>[]> {
  const [suspects, ignored] = await Promise.all([store.suspects(), store.ignored()]);
  return undecided(suspects, new Set(ignored.map(({ fingerprint }) => fingerprint))).flatMap(({ kill, why }) => {
    const { channel, see } = seeIn(channels, kill);
    if (see === 'nothing') return [];
    return [{ channel, what: { kill, why: see === 'all' ? why : 'why is not shown here' } }];
  });
}

/** Where a channel cannot be found, another one that not everybody may read about it in takes its place. */
function seeIn(
  { of, maySee }: Places,
  asked: Asked & Parameters<Places['of']>[0],
): { readonly channel: string; readonly see: MaySee['see'] } {
  const channel = of(asked);
  return { channel, see: maySee(asked, { channel, only: null }).see };
}
