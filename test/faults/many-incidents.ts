import { setTimeout as delay } from 'node:timers/promises';
import type { WorkloadKill } from '../../sandbox/kubernetes/cluster.ts';
import type { World } from '../../sandbox/world.ts';
import { addVictim, clusterOf } from '../acceptance/victims.ts';
import { workloadKey } from './account.ts';
import type { Victim } from './row.ts';

/** Namespaces over which incidents are spread. */
const namespaces = 200;
const deadlineMs = 30_000;

export interface Plan {
  /** Begins every victim's name. */
  readonly prefix: string;
  readonly incidents: number;
  /** The most kills of one of them. */
  readonly kills: number;
  readonly random: () => number;
}

/** Incidents that happen one after the other, and how far they are. */
export interface Incidents {
  /** Begins them; resolves when the last kill has happened. Throws where the pretend cluster does not kill. */
  readonly happen: () => Promise<void>;
  readonly reached: (share: number) => Promise<void>;
  readonly end: () => void;
  /** What the pretend kernel did to these victims, so far. */
  readonly kills: () => readonly WorkloadKill[];
}

/** Deployments that get killed one to so many times each, some twenty a second, spread over 200 namespaces. */
export function manyIncidents(world: World, { prefix, incidents, kills: most, random }: Plan): Incidents {
  const begun = new Map<string, Victim & { readonly kills: number }>();
  const seen: WorkloadKill[] = [];
  const waiting = new Set<{ readonly count: number; readonly resolve: () => void }>();
  const over = new AbortController();
  const stopListening = clusterOf(world).onKill((kill) => {
    if (kill.target.name.startsWith(prefix)) seen.push(kill);
  });
  const wanted = (): number => [...begun.values()].reduce((sum, { kills }) => sum + kills, 0);
  return {
    kills: () => seen,
    end: () => {
      over.abort();
      stopListening();
    },
    reached: async (share) => {
      const count = Math.ceil(share * incidents);
      if (begun.size >= count) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add({ count, resolve });
      await promise;
    },
    happen: async () => {
      for (let nth = 0; nth < incidents; nth += 1) {
        if (over.signal.aborted) return;
        const kills = 1 + Math.floor(random() * most);
        const namespace = `team-${nth % namespaces}`;
        const victim = { namespace, name: `${prefix}${nth}`, kills };
        begun.set(workloadKey(victim), victim);
        addVictim(world, victim);
        for (const one of waiting) {
          if (begun.size < one.count) continue;
          waiting.delete(one);
          one.resolve();
        }
        await delay(20 + random() * 60);
      }
      const latest = performance.now() + deadlineMs;
      while (seen.length < wanted()) {
        if (performance.now() > latest)
          throw new Error(`the pretend cluster killed ${seen.length} of ${wanted()} times`);
        await delay(50);
      }
    },
  };
}
