import { incidentId } from '../../core/incident/incident-id.ts';
import { splitAtQuiet } from '../../core/incident/quiet-close.ts';
import type { Detection } from '../../core/kill/detect/detection.ts';
import type { IgnoredReason } from '../../core/kill/ignored-reason.ts';
import type { Kill } from '../../core/kill/kill.ts';
import { subjectKey } from '../../core/kill/kill.ts';

/** One incident as `replay --json` prints it. Bytes; times RFC 3339. */
export interface ReplayIncident {
  readonly incident: string;
  readonly workload: { readonly kind: string; readonly namespace: string | null; readonly name: string };
  readonly pod: string;
  readonly podUid: string;
  readonly container: string | null;
  readonly containerType: Kill['containerType'];
  readonly kind: Kill['kind'];
  readonly suspect: boolean;
  readonly exitCode: number | null;
  readonly reason: string | null;
  readonly kills: number;
  readonly firstKilledAt: string;
  readonly lastKilledAt: string;
  readonly limitBytes: number | null;
  readonly requestBytes: number | null;
  readonly node: string | null;
  readonly qosClass: string | null;
  readonly startedBeforeWatch: boolean;
}

/** What looked like a memory kill and is not one. */
export interface ReplayIgnored {
  readonly ignored: IgnoredReason;
  readonly workload: ReplayIncident['workload'];
  readonly pod: string;
  readonly podUid: string;
  readonly container: string | null;
  readonly containerType: Kill['containerType'];
  readonly exitCode: number | null;
  readonly reason: string | null;
  readonly at: string;
  readonly node: string | null;
}

/** Memory is proportional to the kills, not to the lines. */
export interface ReplayFindings {
  /** A later detection with the same fingerprint corrects the earlier. */
  readonly add: (detection: Detection) => void;
  /** Suspects too. */
  readonly kills: () => readonly Kill[];
  /** Oldest first. */
  readonly incidents: () => readonly ReplayIncident[];
  readonly ignored: () => readonly ReplayIgnored[];
}

/** `isBeforeWatch` is asked when all lines were seen. */
export function createFindings(isBeforeWatch: (kill: Kill) => boolean): ReplayFindings {
  const byFingerprint = new Map<string, Detection>();
  const kills = (): readonly Kill[] =>
    [...byFingerprint.values()].flatMap((found) => (found.is === 'kill' ? found.kill : []));

  return {
    add: (detection) => {
      byFingerprint.set(detection.kill.fingerprint, detection);
    },
    kills,
    incidents: () => {
      // A suspect is not counted in an incident: it has a line of its own.
      const groups = Map.groupBy(kills(), (kill) => `${kill.suspect} ${subjectKey(kill.subject)}`);
      const taken = new Set<string>();
      return [...groups.values()]
        .flatMap((group) => splitAtQuiet(group.toSorted(byTime), killedAtMs))
        .flatMap((incident) => describeIncident(incident, taken, isBeforeWatch) ?? [])
        .toSorted((a, b) => Date.parse(a.firstKilledAt) - Date.parse(b.firstKilledAt));
    },
    ignored: () =>
      [...byFingerprint.values()]
        .flatMap((found) => (found.is === 'ignored' ? describeIgnored(found.kill, found.reason) : []))
        .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)),
  };
}

/** `kills` oldest first. `taken` holds the ids given so far: on a collision this one gets a character more. */
function describeIncident(
  kills: readonly Kill[],
  taken: Set<string>,
  isBeforeWatch: (kill: Kill) => boolean,
): ReplayIncident | null {
  const [first] = kills;
  const latest = kills.at(-1);
  if (first === undefined || latest === undefined) return null;
  return {
    incident: freeId(first, taken),
    workload: workloadOf(first),
    pod: first.pod,
    podUid: first.podUid,
    container: first.subject.container,
    containerType: first.containerType,
    kind: first.kind,
    suspect: first.suspect,
    exitCode: latest.exitCode,
    reason: latest.reason,
    kills: kills.length,
    firstKilledAt: killedAt(first),
    lastKilledAt: killedAt(latest),
    limitBytes: latest.limitBytes,
    requestBytes: latest.requestBytes,
    node: first.node,
    qosClass: latest.qosClass,
    startedBeforeWatch: isBeforeWatch(first),
  };
}

function describeIgnored(kill: Kill, reason: IgnoredReason): ReplayIgnored {
  return {
    ignored: reason,
    workload: workloadOf(kill),
    pod: kill.pod,
    podUid: kill.podUid,
    container: kill.subject.container,
    containerType: kill.containerType,
    exitCode: kill.exitCode,
    reason: kill.reason,
    at: killedAt(kill),
    node: kill.node,
  };
}

function freeId(first: Kill, taken: Set<string>): string {
  let length = 4;
  let id = incidentId(first.subject, first.fingerprint, length);
  while (taken.has(id) && length < 32) {
    length += 1;
    id = incidentId(first.subject, first.fingerprint, length);
  }
  taken.add(id);
  return id;
}

function workloadOf({ subject }: Kill): ReplayIncident['workload'] {
  return { kind: subject.workload.kind, namespace: subject.namespace, name: subject.workload.name };
}

function killedAt(kill: Kill): string {
  return kill.finishedAt ?? new Date(kill.seenAt).toISOString();
}

function killedAtMs(kill: Kill): number {
  return kill.finishedAt === null ? kill.seenAt : Date.parse(kill.finishedAt);
}

/** `finishedAt` has whole seconds: within one, the start tells which came first. */
function byTime(a: Kill, b: Kill): number {
  return killedAtMs(a) - killedAtMs(b) || (a.startedAt ?? '').localeCompare(b.startedAt ?? '') || a.seenAt - b.seenAt;
}
