import type { Sighting } from './detection.ts';
import { nodeFingerprint } from '../fingerprint.ts';
import type { Kill } from '../kill.ts';
import { killedAtMs } from '../kill.ts';
import { nodeKill } from './make-kill.ts';
import type { OomReport } from './oom-report.ts';
import type { PodView } from '../pod.ts';
import { createRecent } from '../../units/recent.ts';

/**
 * Kills that a node's Events report without naming a container. If the whole machine was out of memory, or all that its
 * pods may use, that is a kill of the node, beside the one of the container that it hit. If only some cgroup was, a
 * container's own status usually shows the same kill; if none does, it stays a suspect.
 */
export interface NodeKills {
  /** Null if it is known already or has to wait. */
  readonly report: (report: OomReport, pod: PodView | null, sighting: Sighting) => Kill | null;
  /** Notes that a container's status showed this kill. */
  readonly seen: (kill: Kill) => void;
  readonly tick: (nowMs: number) => readonly Kill[];
}

/** A status has whole seconds, and a kernel message becomes an Event within about one second. */
export const sameKillMs = 3_000;

/** Keeps `max` reports and as many kills. */
export function createNodeKills({
  cluster,
  windowMs,
  max,
}: {
  readonly cluster: string;
  readonly windowMs: number;
  readonly max: number;
}): NodeKills {
  const known = createRecent<true>(max);
  const kills = createRecent<Pick<Kill, 'node'> & { readonly atMs: number }>(max);
  const waiting = createRecent<{ readonly report: OomReport; readonly sighting: Sighting }>(max);

  const make = (report: OomReport, pod: PodView | null, { atMs, initial = false }: Sighting, suspect: boolean): Kill =>
    nodeKill({ cluster, fingerprint: nameOf(report), startedBeforeWatch: initial, seenAtMs: atMs }, report, {
      pod,
      suspect,
    });
  const nameOf = ({ node, victim, atMs }: OomReport): string =>
    nodeFingerprint(cluster, node, { process: victim.process, pid: victim.pid, atMs });

  return {
    report: (report, pod, sighting) => {
      const fingerprint = nameOf(report);
      if (known.get(fingerprint) !== undefined) return null;
      known.set(fingerprint, true);
      if (report.isAbovePods) return make(report, pod, sighting, false);
      waiting.set(fingerprint, { report, sighting });
      return null;
    },
    seen: (kill) => {
      kills.set(kill.fingerprint, { node: kill.node, atMs: killedAtMs(kill) });
    },
    tick: (nowMs) =>
      waiting.values().flatMap(({ report, sighting }) => {
        if (nowMs - sighting.atMs < windowMs) return [];
        waiting.delete(nameOf(report));
        const isReported = kills
          .values()
          .some(({ node, atMs }) => node === report.node && Math.abs(atMs - report.atMs) <= sameKillMs);
        return isReported ? [] : [make(report, null, sighting, true)];
      }),
  };
}
