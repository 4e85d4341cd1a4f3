import { containerKey } from '../../core/evidence/usage-now.ts';
import type { ContainerNow, UsageSeries } from '../../core/evidence/usage-now.ts';
import { minuteMs } from '../../core/units/duration.ts';

/*
 * Limits come from a list of the pods that is renewed every ten minutes; for new pods, only their namespaces are
 * listed. So most checks of usage need no list, whatever the size of the cluster.
 */
export interface KnownContainersNeeds {
  /** Namespaces that are watched; empty = all. */
  readonly namespaces: readonly string[];
  /** Between two checks, ms; every second check looks for new pods. */
  readonly everyMs: number;
  readonly containers: (
    namespaces: readonly string[],
    deadlineMs: number,
  ) => Promise<{ readonly containers: readonly ContainerNow[] }>;
}

export interface KnownContainers {
  /** Learns which containers these series are about. `at` is ms UTC. @throws Failure of the cluster */
  readonly learn: (allSeries: readonly UsageSeries[], at: number) => Promise<void>;
  readonly get: (name: string) => ContainerNow | undefined;
}

const pagesMs = 30_000;
const renewMs = 10 * minuteMs;
/** Namespaces that are listed for new pods in one round. */
const mostNamespaces = 10;

export function createKnownContainers({ namespaces, everyMs, containers }: KnownContainersNeeds): KnownContainers {
  let listedAt = -Infinity;
  let newAt = -Infinity;
  let known: ReadonlyMap<string, ContainerNow> = new Map();
  let strange: ReadonlySet<string> = new Set();

  /**
   * Pods that appeared after the list. If listing their namespace does not find them, they are not searched for again.
   */
  async function learnNew(allSeries: readonly UsageSeries[]): Promise<void> {
    const unknown = allSeries.filter((one) => !known.has(containerKey(one)) && !strange.has(containerKey(one)));
    if (unknown.length === 0) return;
    const wanted = [...new Set(unknown.map(({ namespace }) => namespace))].slice(0, mostNamespaces);
    const listed = await containers(wanted, pagesMs);
    known = new Map([...known, ...listed.containers.map((one) => [containerKey(one), one] as const)]);
    const looked = unknown.filter(({ namespace }) => wanted.includes(namespace)).map(containerKey);
    strange = new Set([...strange, ...looked.filter((name) => !known.has(name))]);
  }

  return {
    learn: async (allSeries, at) => {
      if (at - listedAt >= renewMs) {
        const listed = await containers(namespaces, pagesMs);
        known = new Map(listed.containers.map((one) => [containerKey(one), one]));
        [listedAt, newAt] = [at, at];
        strange = new Set();
      } else if (at - newAt >= everyMs * 2) {
        await learnNew(allSeries);
        newAt = at;
      }
    },
    get: (name) => known.get(name),
  };
}
