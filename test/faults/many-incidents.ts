import { setTimeout as delay } from 'node:timers/promises';
import type { WorkloadKill } from '../../sandbox/kubernetes/cluster/cluster.ts';
import type { World } from '../../sandbox/world.ts';
import { addVictim, clusterOf } from '../acceptance/victims.ts';
import { workloadKey } from './account.ts';
import type { Victim } from './row.ts';

/** Namespaces over which incidents are spread, and the channels of the same names. */
export const teams: readonly string[] = Array.from({ length: 200 }, (_, nth) => `team-${nth}`);
/** So many ms of the world's clock without a kill, and the pretend cluster does not kill any more. */
const deadlineMs = 30_000;

export interface Plan {
  /** Begins every victim's name. */
  readonly prefix: string;
  readonly incidents: number;
  /** The fewest and the most kills of one of them. */
  readonly kills: readonly [number, number];
  /** From one to the next, on average, ms of the world's clock. */
  readonly everyMs: number;
  /** All in one namespace, and not spread over the teams'. */
  readonly namespace?: string;
  /** Virtual ms per real ms of the victims; those of the pretend world unless told. */
  readonly speed?: number;
  /** [0, 1) */
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

/** Deployments that get killed, one after the other, spread over the teams' namespaces. */
export function manyIncidents(world: World, plan: Plan): Incidents {
  const {
    prefix,
    incidents,
    kills: [least, most],
    everyMs,
    speed,
    random,
  } = plan;
  const { clock } = world;
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
        const kills = least + Math.floor(random() * (most - least + 1));
        const namespace = plan.namespace ?? teams[nth % teams.length] ?? '';
        const victim = { namespace, name: `${prefix}${nth}`, kills };
        begun.set(workloadKey(victim), victim);
        addVictim(world, { ...victim, ...(speed === undefined ? {} : { speed }) });
        for (const one of waiting) {
          if (begun.size < one.count) continue;
          waiting.delete(one);
          one.resolve();
        }
        await clock.wait(everyMs * (0.5 + random()) * clock.speed);
      }
      let latest = clock.monotonic() + deadlineMs;
      for (let last = seen.length; seen.length < wanted();) {
        if (seen.length > last) {
          last = seen.length;
          latest = clock.monotonic() + deadlineMs;
        }
        if (clock.monotonic() > latest) throw new Error(`the pretend cluster killed ${last} of ${wanted()} times`);
        await delay(50);
      }
    },
  };
}
