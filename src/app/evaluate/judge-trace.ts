import { createClusterReader } from '../../adapters/kubernetes/read/read-cluster.ts';
import type { TraceInput } from '../../adapters/recording/read-trace.ts';
import { calibrated, calibratedDiagnosis } from '../../core/diagnose/calibrated.ts';
import type { Said } from '../../core/diagnose/calibrated.ts';
import { diagnose } from '../../core/diagnose/diagnose.ts';
import type { Cause, Diagnosis, Hypothesis } from '../../core/diagnose/diagnosis.ts';
import { judgeSuspect } from '../../core/diagnose/judge-suspect.ts';
import type { Findings } from '../../core/evidence/evidence.ts';
import { samplesBefore } from '../../core/evidence/samples-before.ts';
import { nodeOomOf } from '../../core/evidence/node/node-oom.ts';
import { killedAtMs, subjectKey } from '../../core/kill/kill.ts';
import type { Kill } from '../../core/kill/kill.ts';
import { recommend } from '../../core/recommend/recommend.ts';
import type { Recommendation } from '../../core/recommend/recommendation.ts';
import { nextKillAhead } from './ahead-of-kill.ts';
import { killsOfTrace } from './trace-kills.ts';
import { endOf, podsOfTrace } from './trace-pods.ts';
import { createTraceTransport } from './trace-transport.ts';
import { usageOfTrace } from './trace-usage.ts';

/** What the system says of one trace. Bytes, ms UTC. */
export interface Judged {
  readonly id: string;
  /** Null where nothing was killed and nothing looked like it. */
  readonly verdict: Cause | null;
  readonly confidence: number;
  readonly diagnosis: Diagnosis | null;
  readonly recommendation: Recommendation | null;
  readonly nextKillAt: number | null;
  /** What the verdict was made of; null without one. */
  readonly basis: Basis | null;
}

/** The input of diagnosis and recommendation. */
export interface Basis {
  readonly findings: Findings;
  readonly kill: Kill;
  readonly recent: readonly Kill[];
  readonly now: number;
}

const deadlineMs = 10_000;
/** No rule but a fact: an Event or the log explains the end; or nothing ended, and no counter rose. */
const certain = 1;

/** Reads a trace as the worker reads a cluster after the last kill, and explains it. */
export async function judgeTrace(trace: TraceInput, confidenceOf = calibrated): Promise<Judged> {
  const at = endOf(trace);
  const sure = (said: Said, raw: number) => ({ confidence: confidenceOf(said, raw) });
  const pods = podsOfTrace(trace);
  const { kills, ignored, ending } = await killsOfTrace(trace, pods, at);
  const reader = createClusterReader({
    transport: createTraceTransport(trace, pods, { at, ending }),
    deadlineMs,
    usage: (query) => Promise.resolve(usageOfTrace(trace, pods, query)),
    usageNow: () => Promise.reject(new Error('a trace does not say what its neighbours use')),
    now: () => at,
  });
  const none = { id: trace.id, diagnosis: null, recommendation: null, nextKillAt: null, basis: null };
  const subject = subjectOf(kills);
  if (subject === null) {
    if (ignored.length > 0) return { ...none, verdict: 'not-memory', ...sure('not-memory', certain) };
    return { ...none, verdict: null, ...sure('no-kill', certain), nextKillAt: nextKillAhead(pods, at) };
  }
  const all = subject.filter(({ suspect }) => !suspect);
  const seen = all.length > 0 ? all : subject;
  const newest = seen.at(-1);
  if (newest === undefined) return { ...none, verdict: null, ...sure('no-kill', certain) };
  const findings = await reader.findings(newest, seen, nodeOomOf(newest, kills));
  const judgements = seen.map((one) => ({ one, is: one.suspect ? judgeSuspect(one, findings).is : 'kill' }));
  const decided = judgements.filter(({ is }) => is === 'kill').map(({ one }) => one);
  const kill = decided.at(-1);
  if (kill === undefined) {
    const { cause, confidence } = withoutIncident(newest, seen, findings, at);
    return { ...none, verdict: cause, ...sure(cause, confidence) };
  }
  const diagnosis = calibratedDiagnosis(diagnose(findings, kill, decided, at), confidenceOf);
  const recommendation = recommend(diagnosis, findings, kill, decided);
  const [verdict] = diagnosis.hypotheses;
  return {
    id: trace.id,
    verdict: verdict?.cause ?? 'inconclusive',
    confidence: verdict?.confidence ?? 0,
    diagnosis,
    recommendation,
    nextKillAt: diagnosis.nextKillAt,
    basis: { findings, kill, recent: decided, now: at },
  };
}

/** Nothing shows that it was a memory kill, and its usage was seen below the limit: no thread is opened. */
const unexplained = 0.5;

/** What is said of an end that nothing shows to be a memory kill, where no incident is opened. */
function withoutIncident(
  kill: Kill,
  recent: readonly Kill[],
  findings: Findings,
  now: number,
): Pick<Hypothesis, 'cause' | 'confidence'> {
  if (judgeSuspect(kill, findings).is === 'not-memory') return { cause: 'not-memory', confidence: certain };
  const [said] = diagnose(findings, kill, recent, now).hypotheses;
  if (said?.cause === 'not-memory') return said;
  const isSeen = samplesBefore(findings, kill).length > 0;
  return { cause: isSeen ? 'not-memory' : 'inconclusive', confidence: unexplained };
}

/** Kills of the subject that the trace is about, oldest first: the one with sure kills of a container, then any other. */
function subjectOf(kills: readonly Kill[]): readonly Kill[] | null {
  const subjects = [...Map.groupBy(kills, ({ subject }) => subjectKey(subject)).values()].filter((of) =>
    of.every(({ kind }) => kind !== 'node'),
  );
  const rank = (of: readonly Kill[]): number =>
    Number(of.some(({ suspect }) => !suspect)) * 2 + Number(of.some(({ kind }) => kind !== 'eviction'));
  const [first] = subjects.toSorted((a, b) => rank(b) - rank(a) || b.length - a.length);
  return (
    first?.toSorted((a, b) => killedAtMs(a) - killedAtMs(b) || (a.startedAt ?? '').localeCompare(b.startedAt ?? '')) ??
    null
  );
}
