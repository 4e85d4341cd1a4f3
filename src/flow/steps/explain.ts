import { diagnose } from '../../core/diagnose/diagnose.ts';
import type { Diagnosis } from '../../core/diagnose/diagnosis.ts';
import { evidenceLines, lastSample } from '../../core/evidence/evidence-lines.ts';
import type { EvidenceLine } from '../../core/evidence/evidence.ts';
import type { Entry, Explained, Incident, Loaded, RemediationState } from '../../core/incident/incident.ts';
import { liveRemediation } from '../../core/incident/transition.ts';
import type { IncidentEvent } from '../../core/incident/event.ts';
import { keepSize } from '../../core/recommend/keep-size.ts';
import { clockTime } from '../../core/talk/words.ts';
import { recommend } from '../../core/recommend/recommend.ts';
import { makePlan } from '../../core/remediate/make-plan.ts';
import type { Plan } from '../../core/remediate/plan.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';

/** A workload that was deleted shortly after its kill is still somebody's business; after this long it is not. */
const goneAfterMs = 10 * 60_000;

/** What ended like this may be proposed again as it was, with another id. */
const lapsed: readonly RemediationState[] = ['expired', 'stale', 'vanished'];

/** Enrich, diagnose, recommend, and make the plan. What is missing is said; it delays nothing that is there. */
export async function explain(loaded: Loaded, needs: WorkerNeeds): Promise<After> {
  const { incident, tally } = loaded;
  const kill = tally.recent.at(-1) ?? incident.firstKill;
  const [findings, inputs] = await Promise.all([
    needs.reader.findings(kill, tally.recent),
    needs.reader.planInputs(kill).then(
      (found) => ({ found }),
      (error: unknown) => ({ missing: error instanceof Error ? error.message : String(error) }),
    ),
  ]);
  const at = await needs.now();
  if ('found' in inputs && !inputs.found.exists && at - tally.lastAt > goneAfterMs) {
    await applyEvents(incident.id, needs, (latest) =>
      at - latest.tally.lastAt > goneAfterMs ? [{ type: 'closed', outcome: 'gone', at }] : null,
    );
    return again;
  }

  const diagnosis = diagnose(findings, kill, tally.recent, at);
  const waiting = incident.remediations.find((one) => one.state === 'proposed');
  const recommendation = keepSize(recommend(diagnosis, findings, kill, tally.recent), waiting?.plan ?? null);
  const attempt = incident.remediations.filter((one) => lapsed.includes(one.state)).length;
  const made =
    'found' in inputs
      ? makePlan({ recommendation, kill, inputs: inputs.found, now: at, attempt })
      : { noPlan: `The live objects could not be read: ${inputs.missing}` };
  const plan = 'noPlan' in made ? null : made;
  const evidence = evidenceLines(findings, kill, tally.recent);
  const explained: Explained = {
    at,
    kills: tally.count,
    diagnosis,
    evidence,
    recommendation,
    lastSample: lastSample(findings, kill),
    noPlan: 'noPlan' in made ? made.noPlan : null,
  };
  await applyEvents(incident.id, needs, (latest): IncidentEvent[] => [
    {
      type: 'explained',
      explained,
      plan,
      mode: needs.policy.mode,
      entries: news(latest.incident, explained, plan),
    },
  ]);
  return again;
}

/** The thread hears of an explanation when the verdict or the plan is new, not each time it is confirmed. */
function news(before: Incident, explained: Explained, plan: Plan | null): Entry[] {
  const verdict = verdictOf(explained.diagnosis);
  const sameVerdict = before.explained !== null && verdictOf(before.explained.diagnosis) === verdict;
  const live = liveRemediation(before);
  const isProposed = live === null || live.state === 'proposed';
  const samePlan = plan === null || !isProposed || before.remediations.some((one) => one.plan.id === plan.id);
  if (sameVerdict && samePlan) return [];
  const common = { at: explained.at, audience: { to: 'thread' as const }, people: [], broadcast: false };
  const entries: Entry[] = [];
  if (!sameVerdict)
    entries.push({
      ...common,
      kind: 'evidence',
      text: evidenceText(explained.evidence),
      pre: sourcesText(explained.evidence),
    });
  if (plan && !samePlan)
    entries.push({ ...common, kind: 'audit', text: `${plan.id}: ${plan.expectedEffect} ${plan.undo}`, pre: plan.diff });
  return entries;
}

function verdictOf(diagnosis: Diagnosis): string | undefined {
  return diagnosis.hypotheses[0]?.cause;
}

function evidenceText(lines: readonly EvidenceLine[]): string {
  return lines.map(({ label, text, missing }) => `• ${missing ? `${label} (missing)` : label}: ${text}`).join('\n');
}

/** Where each line comes from, to be looked at again: apart from the words, because a query is long. */
function sourcesText(lines: readonly EvidenceLine[]): string {
  return lines.map(({ label, source, at }) => `${label}, ${clockTime(at)}: ${source}`).join('\n');
}
