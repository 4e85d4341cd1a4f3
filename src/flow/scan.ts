import { calibratedDiagnosis } from '../core/diagnose/calibrated.ts';
import { diagnose } from '../core/diagnose/diagnose.ts';
import type { Diagnosis } from '../core/diagnose/diagnosis.ts';
import { judgeSuspect } from '../core/diagnose/judge-suspect.ts';
import { lastSample } from '../core/evidence/last-sample.ts';
import type { Findings } from '../core/evidence/evidence.ts';
import { nodeOomOf } from '../core/evidence/node/node-oom.ts';
import type { Explained } from '../core/incident/incident.ts';
import type { Detection } from '../core/kill/detect/detection.ts';
import { createDetector } from '../core/kill/detect/detector.ts';
import type { Kill } from '../core/kill/kill.ts';
import { killedAtMs, subjectKey } from '../core/kill/kill.ts';
import { recommend } from '../core/recommend/recommend.ts';
import type { Recommendation } from '../core/recommend/recommendation.ts';
import type { ClusterReader } from './needs.ts';

/** What one look at a cluster says about one subject. Times are ms UTC, sizes bytes. */
export interface ScanRow {
  /** The newest kill. */
  readonly kill: Kill;
  /** Visible kills: a pod shows its last two, one that was replaced none. */
  readonly kills: number;
  readonly firstKilledAt: number;
  readonly lastKilledAt: number;
  readonly lastSample: Explained['lastSample'];
  /** Evidence that is not there, with the reason. */
  readonly missing: readonly { readonly what: keyof Findings; readonly reason: string }[];
  readonly said: Said;
}

export type Said =
  | { readonly is: 'explained'; readonly diagnosis: Diagnosis; readonly recommendation: Recommendation }
  /** An exit 137 that no evidence explains, one way or the other. */
  | { readonly is: 'undecided'; readonly why: string };

type Each = (each: (object: unknown) => void) => Promise<readonly string[]>;

export interface ScanNeeds {
  readonly cluster: string;
  /** Gives every pod (JSON as it is), then resolves with sentences about what could not be read. @throws Failure */
  readonly pods: Each;
  /** The same for Events: they explain exits that are no memory kills. May be asked twice. */
  readonly events: Each;
  readonly reader: Pick<ClusterReader, 'findings'>;
  /** ms UTC */
  readonly now: () => number;
  /** What is begun, and how far it is. */
  readonly progress: (step: string, detail?: string) => void;
}

export interface Scan {
  /** The newest kill first, undecided ones last. */
  readonly rows: readonly ScanRow[];
  readonly pods: number;
  readonly notes: readonly string[];
}

/** Evidence of so many subjects is read at a time. */
const together = 4;

/** Every memory kill that a cluster shows now, with verdict and size. Reads only. @throws Failure without any pod */
export async function scan(needs: ScanNeeds): Promise<Scan> {
  const { kills, pods, notes } = await findKills(needs);
  const subjects = [...Map.groupBy(kills, (kill) => subjectKey(kill.subject)).values()];
  const rows: ScanRow[] = [];
  for (let start = 0; start < subjects.length; start += together) {
    needs.progress('looking for the causes', `${start} of ${subjects.length}`);
    const some = subjects.slice(start, start + together);
    rows.push(...(await Promise.all(some.map((of) => explained(of.toSorted(byTime), kills, needs)))));
  }
  rows.sort((a, b) => Number(isUndecided(a)) - Number(isUndecided(b)) || b.lastKilledAt - a.lastKilledAt);
  return { rows, pods, notes };
}

/**
 * NOTE: Events are read before the pods, because a container that is stopped can read like one that was killed, and a
 * second time after them where something is unexplained: its Event may be younger than the first look.
 */
async function findKills({ cluster, pods: eachPod, events, now, progress }: ScanNeeds) {
  const detector = createDetector({ cluster, maxKnown: 200_000 });
  const byFingerprint = new Map<string, Kill>();
  let isUnexplained = false;
  const take = (found: readonly Detection[]): void => {
    for (const { is, kill } of found) {
      if (is === 'kill') byFingerprint.set(kill.fingerprint, kill);
      else byFingerprint.delete(kill.fingerprint);
    }
  };
  const readEvents = (): Promise<readonly string[]> =>
    events((event) => take(detector.event('ADDED', event, { atMs: now() })));

  progress('reading Events');
  const eventNotes = await readEvents();
  progress('reading pods');
  let pods = 0;
  const podNotes = await eachPod((pod) => {
    pods += 1;
    if (pods % 500 === 0) progress('reading pods', String(pods));
    take(detector.pod('ADDED', pod, { atMs: now(), initial: true }));
    isUnexplained ||= detector.oldestPending() !== null;
  });
  if (isUnexplained && eventNotes.length === 0) await readEvents();
  take(detector.flush());
  return { kills: [...byFingerprint.values()], pods, notes: [...podNotes, ...eventNotes] };
}

/** `all` kills of one subject, oldest first, not empty; `ofAll` are those of all subjects. Where some are sure, its suspects say nothing more. */
async function explained(all: readonly Kill[], ofAll: readonly Kill[], { reader, now }: ScanNeeds): Promise<ScanRow> {
  const sure = all.filter(({ suspect }) => !suspect);
  const seen = sure.length > 0 ? sure : all;
  const newest = newestOf(seen);
  const findings = await reader.findings(newest, seen, nodeOomOf(newest, ofAll));
  const decided = seen.filter((one) => !one.suspect || judgeSuspect(one, findings).is === 'kill');
  const counted = decided.length > 0 ? decided : seen;
  const kill = newestOf(counted);
  const row = {
    kill,
    kills: counted.length,
    firstKilledAt: Math.min(...counted.map(killedAtMs)),
    lastKilledAt: killedAtMs(kill),
    lastSample: lastSample(findings, kill),
    missing: missingIn(findings),
  };
  if (decided.length === 0) return { ...row, said: { is: 'undecided', why: judgeSuspect(kill, findings).why } };
  const diagnosis = calibratedDiagnosis(diagnose(findings, kill, counted, now()));
  const recommendation = recommend(diagnosis, findings, kill, counted);
  return { ...row, said: { is: 'explained', diagnosis, recommendation } };
}

function newestOf(kills: readonly Kill[]): Kill {
  const newest = kills.at(-1);
  if (newest === undefined) throw new Error('a subject without a kill');
  return newest;
}

const kindsOfEvidence = ['spec', 'restarts', 'usage', 'log', 'rollout'] as const satisfies readonly (keyof Findings)[];

function missingIn(findings: Findings): ScanRow['missing'] {
  return kindsOfEvidence.flatMap((what) => {
    const evidence = findings[what];
    return evidence.found ? [] : [{ what, reason: evidence.reason }];
  });
}

export function isUndecided({ said }: ScanRow): boolean {
  return said.is === 'undecided';
}

function byTime(a: Kill, b: Kill): number {
  return killedAtMs(a) - killedAtMs(b) || (a.startedAt ?? '').localeCompare(b.startedAt ?? '');
}
