import { Failure } from '../../../../core/failure.ts';
import type { HelpNames } from '../../blocks/answers/help.ts';
import type { ListenerDeps } from '../deps.ts';
import type { Sight } from '../sight.ts';

const nothing: HelpNames = { cluster: null, namespace: null, workload: null, incident: null };
/** Incidents that are looked through for one that may be shown. */
const looked = 20;

/** Names for examples: of the newest open incident, else of a cluster. Without a store help is there all the same. */
export async function helpNames({ clusters, log }: ListenerDeps, sight: Sight): Promise<HelpNames> {
  try {
    const all = await clusters();
    const open = (await Promise.all(all.map(async ({ store }) => store.open(looked)))).flat();
    const newest = open
      .filter((one) => sight.ofIncident(one) !== 'nothing' && one.incident.subject.namespace !== null)
      .toSorted((a, b) => b.tally.lastAt - a.tally.lastAt)[0];
    if (newest === undefined) return { ...nothing, cluster: all[0]?.name ?? null };
    const { id, subject } = newest.incident;
    const { cluster, namespace, workload } = subject;
    return { cluster, namespace, workload: workload.name, incident: id };
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    log.warn({ error: failure }, 'help without examples');
    return nothing;
  }
}
