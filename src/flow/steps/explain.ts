import { calibratedDiagnosis } from '../../core/diagnose/calibrated.ts';
import { diagnose } from '../../core/diagnose/diagnose.ts';
import { chartSeriesOf } from '../../core/evidence/chart-series-of.ts';
import { evidenceLines } from '../../core/evidence/evidence-lines.ts';
import { lastSample } from '../../core/evidence/last-sample.ts';
import type { Findings } from '../../core/evidence/evidence.ts';
import { latestTrigger, warningOf } from '../../core/incident/triggers.ts';
import type { Entry, Explained, Incident, Loaded } from '../../core/incident/incident.ts';
import { underWay } from '../../core/incident/transition.ts';
import type { IncidentEvent } from '../../core/incident/event.ts';
import { assessment } from '../../core/notify/assessment.ts';
import { valueBounds } from '../../core/recommend/value-bounds.ts';
import { keepSize } from '../../core/recommend/keep-size.ts';
import { driftQuestion } from '../../core/talk/drift-words.ts';
import { recommend } from '../../core/recommend/recommend.ts';
import { destinationOf } from '../../core/remediate/plan.ts';
import type { Plan } from '../../core/remediate/plan.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import { findBefore } from '../find-before.ts';
import { findSameImage } from '../find-same-image.ts';
import { tellFormer } from '../tell-former.ts';
import { findNodeOom } from '../find-node-oom.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { rolloutOf } from './rollout-of.ts';
import { plansFor } from './plans-for.ts';
import { tellEvidence } from './tell-evidence.ts';
import { minuteMs } from '../../core/units/duration.ts';

/** A workload that was deleted shortly after its kill is still worth explaining; later it is not. */
const goneAfterMs = 10 * minuteMs;

/** Enriches, diagnoses, recommends and plans. Missing evidence is reported as missing and delays nothing else. */
export async function explain(loaded: Loaded, needs: WorkerNeeds): Promise<After> {
  const { incident, tally } = loaded;
  await tellFormer(loaded, needs);
  const asked = await needs.now();
  const latest = latestTrigger(loaded);
  // Before a kill, the time of the explanation is now.
  const trigger = latest.kind === 'ahead' ? { ...latest, seenAt: asked } : latest;
  const nodeOom = await findNodeOom(trigger, needs.store);
  const [read, impact, inputs, seen, sameImage] = await Promise.all([
    needs.reader.findings(trigger, tally.recent, nodeOom),
    needs.reader.impact(trigger),
    needs.reader.planInputs(trigger).then(
      (found) => ({ found }),
      (error: unknown) => ({ missing: error instanceof Error ? error.message : String(error) }),
    ),
    findBefore(loaded, needs),
    findSameImage(loaded, needs),
  ]);
  const findings: Findings = {
    ...read,
    ...(seen === undefined ? {} : { before: seen }),
    ...(sameImage === undefined ? {} : { sameImage }),
  };
  const at = await needs.now();
  if ('found' in inputs && !inputs.found.exists && at - tally.lastAt > goneAfterMs) {
    await applyEvents(incident.id, needs, (now) =>
      at - now.tally.lastAt > goneAfterMs ? [{ type: 'closed', outcome: 'gone', at }] : null,
    );
    return again;
  }

  if (hasRecovered(loaded, findings, at)) {
    await applyEvents(incident.id, needs, (now) =>
      warningOf(now) !== null ? [{ type: 'calmed', calm: 'node-recovered', at }] : null,
    );
    return again;
  }

  const diagnosis = await needs.trace({ name: 'diagnose' }, async (span) => {
    const found = calibratedDiagnosis(diagnose(findings, trigger, tally.recent, at, needs.pace.runSettledMs));
    span.note({ 'oomkeeper.verdict': found.hypotheses[0]?.cause ?? 'inconclusive' });
    return found;
  });
  const waiting = incident.remediations.find((one) => one.state === 'proposed' && one.plan.rollBack === null);
  const recommendation = keepSize(recommend(diagnosis, findings, trigger, tally.recent), waiting?.plan ?? null);
  const rolledOut = rolloutOf(incident, findings, 'found' in inputs ? inputs.found : null, needs);
  const made =
    'found' in inputs
      ? await plansFor({ recommendation, incident, trigger, inputs: inputs.found, now: at, wanted: false }, needs)
      : {
          plans: [],
          noPlan: `The live objects could not be read: ${inputs.missing}`,
          noRollBack: null,
          noPullRequest: null,
        };
  const rollout = await rolledOut;
  const evidence = evidenceLines(findings, trigger, tally.recent, recommendation);
  const series = chartSeriesOf({ findings, trigger, recent: tally.recent, recommendation, now: at });
  const { chart, told, entries } = await tellEvidence(
    incident,
    { at, kills: tally.count, diagnosis, evidence, series },
    needs,
  );
  const explained: Explained = {
    at,
    kills: tally.count,
    diagnosis,
    evidence,
    recommendation,
    lastSample: lastSample(findings, trigger),
    noPlan: made.noPlan,
    noRollBack: made.noRollBack,
    noPullRequest: made.noPullRequest,
    bounds:
      'found' in inputs
        ? valueBounds({ findings, trigger, recent: tally.recent, diagnosis, recommendation, inputs: inputs.found })
        : null,
    chart,
    told,
  };
  await applyEvents(incident.id, needs, (now): IncidentEvent[] => [
    ...assessment(now, { read: impact, rollout }, at, needs.notify),
    {
      type: 'explained',
      explained,
      plans: made.plans,
      mode: needs.policy.mode,
      entries: [...entries, ...newPlans(now.incident, made.plans, at)],
    },
  ]);
  return again;
}

/**
 * A node that is short of memory again within half an hour keeps its thread: each eviction only helps for a few
 * minutes.
 */
const nodeRestMs = 30 * minuteMs;

/** Whether a node that was short of memory has had enough for a while, without a kill. */
function hasRecovered(loaded: Loaded, { node }: Findings, at: number): boolean {
  const { explained } = loaded.incident;
  const isWarned = warningOf(loaded)?.warning.of.is === 'node-pressure';
  if (!isWarned || explained === null || node?.found !== true) return false;
  const { enoughSince } = node.value;
  return enoughSince !== null && at - enoughSince >= nodeRestMs;
}

/** A plan is told with its diff if it is new, not each time it is confirmed. */
function newPlans(before: Incident, plans: readonly Plan[], at: number): Entry[] {
  const busy = underWay(before).map(({ plan }) => destinationOf(plan));
  // A second try of the same change has an id of its own, and the thread has its diff already.
  const isKnown = ({ id, diff, expectedEffect }: Plan): boolean =>
    before.remediations.some(
      ({ plan }) => plan.id === id || (plan.diff === diff && plan.expectedEffect === expectedEffect),
    );
  const fresh = plans.filter((plan) => !busy.includes(destinationOf(plan)) && !isKnown(plan));
  return fresh.map((plan): Entry => ({
    at,
    audience: { to: 'thread' },
    kind: 'audit',
    text: [`${plan.id}: ${plan.expectedEffect} ${plan.undo}`, driftQuestion(plan)].join('').trimEnd(),
    people: [],
    pre: plan.diff,
    broadcast: false,
    chart: null,
  }));
}
