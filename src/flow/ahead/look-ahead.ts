import { setImmediate } from 'node:timers/promises';
import { containerKey, pointsOf, subjectOfContainer } from '../../core/evidence/usage-now.ts';
import type { ContainerNow, UsageSeries } from '../../core/evidence/usage-now.ts';
import { Failure } from '../../core/failure.ts';
import { forecast } from '../../core/forecast/forecast.ts';
import type { Danger, Forecast } from '../../core/forecast/forecast.ts';
import { warningOf } from '../../core/incident/triggers.ts';
import type { Warned } from '../../core/incident/incident.ts';
import type { Calm, Warning } from '../../core/incident/warning.ts';
import { warningFingerprint } from '../../core/kill/fingerprint.ts';
import { subjectKey } from '../../core/kill/kill.ts';
import { applyEvents } from '../apply-events.ts';
import type { UsageCheck } from './sample-usage.ts';
import { warn } from './warn.ts';
import type { Running, WarnNeeds, WarnResult } from './warn.ts';

/*
 * Kills that are about to happen. Every check of usage by the sampler ends up here:
 *
 *   near its limit, and in danger at three checks in a row  -> a warning: an incident without a kill
 *   the kill happens                                        -> it joins that incident and its thread (admission)
 *   nothing of the subject in danger for half an hour       -> the incident closes as calmed, and its thread says why
 *
 * The counts are lost with the process; then it only warns or closes later. The store prevents duplicates: a subject
 * has one open incident at a time, and a warning's fingerprint is in the ledger.
 */
export interface LookAheadNeeds extends WarnNeeds {
  /** How far ahead to warn, ms. */
  readonly withinMs: number;
  /**
   * Usage of these containers over the last day; `stalls` are series of the seconds that they were stalled. @throws
   * Failure
   */
  readonly history: (
    containers: readonly ContainerNow[],
  ) => Promise<{ readonly usage: readonly UsageSeries[]; readonly stalls: readonly UsageSeries[] }>;
  readonly warned: (result: WarnResult['is'] | 'calmed' | 'failed') => void;
}

/**
 * A single check may see a repeated scrape, or memory just before a garbage collection; three checks take more than a
 * minute.
 */
const checksBefore = 3;
/** Calm for three times the settling time (half an hour) counts as calm. A warning that failed is retried sooner. */
const calmAfter = 3;

export function createLookAhead(needs: LookAheadNeeds): (check: UsageCheck) => Promise<void> {
  const { withinMs } = needs;
  const settledMs = needs.pace.runSettledMs;
  const againMs = settledMs;
  const calmAfterMs = calmAfter * againMs;
  /** Checks in a row that found a container in danger, by run. */
  let dangerous: ReadonlyMap<string, number> = new Map();
  /** By incident: since when its subject is calm (ms UTC), and the state in which it is. */
  const calmSince = new Map<string, number>();
  /** By run: when a warning was last made or tried, ms UTC. */
  const triedAt = new Map<string, number>();

  async function foretell(near: readonly ContainerNow[], at: number): Promise<ReadonlyMap<ContainerNow, Forecast>> {
    if (near.length === 0) return new Map();
    const { usage, stalls } = await needs.history(near);
    const [usageOf, stallsOf] = [byContainer(usage), byContainer(stalls)];
    const found = new Map<ContainerNow, Forecast>();
    for (const container of near) {
      const points = pointsOf(container, usageOf(container));
      const stalled = pointsOf(container, stallsOf(container)).map(({ t, bytes }) => ({ t, seconds: bytes }));
      const { startedAt, limitBytes } = container;
      const foretold = forecast({ startedAt, limitBytes, points, stalls: stalled }, at, { settledMs, withinMs });
      needs.log('debug', 'forecast', { pod: container.pod, container: container.container, ...foretold });
      found.set(container, foretold);
      // Each takes up to a millisecond: hundreds of them must not delay kills that come in meanwhile.
      await setImmediate();
    }
    return found;
  }

  async function warnOf(container: ContainerNow, danger: Danger, at: number): Promise<void> {
    const run = runKey(container);
    if (at - (triedAt.get(run) ?? -Infinity) < againMs) return;
    triedAt.set(run, at);
    const fingerprint = ({ pod, container: { name, containerId } }: Running): string =>
      warningFingerprint({ cluster: needs.cluster, podUid: pod.uid, container: name, containerId }, danger.is, at);
    try {
      needs.warned((await warn(container, { of: danger, alert: null, fingerprint }, needs)).is);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      needs.log('warn', 'not warned of', { error, pod: container.pod, container: container.container });
      needs.warned('failed');
    }
  }

  /** A container whose usage is no longer measured has not calmed down: its pod says whether it still runs, and with which limit. */
  async function whyCalm(
    { pod, containerId, limitBytes, subject }: Warned,
    seenAs: Calm | 'unseen',
  ): Promise<Calm | null> {
    const named = { namespace: subject.namespace ?? '', pod, container: subject.container ?? '' };
    const running = await needs.running(named);
    if (running === null || running.container.containerId !== containerId) return 'not-running';
    if ((running.container.limitBytes ?? Infinity) > (limitBytes ?? Infinity)) return 'limit-raised';
    return seenAs === 'unseen' ? null : seenAs;
  }

  async function calm(id: string, warned: Warned, seenAs: Calm | 'unseen', at: number): Promise<void> {
    const since = calmSince.get(id) ?? at;
    calmSince.set(id, since);
    if (at - since < calmAfterMs) return;
    const reason = await whyCalm(warned, seenAs).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      needs.log('warn', 'not known whether it still runs', { error, incident: id });
      return null;
    });
    if (reason === null) {
      calmSince.delete(id);
      return;
    }
    const moment = await needs.now();
    let result: 'calmed' | null = null;
    await applyEvents(id, needs, (latest) => {
      // An external alert about it still fires, so it would be wrong to say that it is over.
      const fires = latest.incident.alerts.some(({ resolvedAt }) => resolvedAt === null);
      result = warningOf(latest) !== null && !fires ? 'calmed' : null;
      return result === null ? null : [{ type: 'calmed', calm: reason, at: moment }];
    });
    if (result === null) return;
    calmSince.delete(id);
    needs.warned(result);
  }

  async function watchWarned({ open, seen, near }: UsageCheck, found: ReadonlyMap<ContainerNow, Forecast>, at: number) {
    const inDanger = new Set(
      near
        .filter((container) => (found.get(container) ?? safe).is !== 'calm')
        .map((container) => subjectKey(subjectOfContainer(needs.cluster, container))),
    );
    const ahead = new Map<string, Warned>();
    for (const loaded of open) {
      const warned = warningOf(loaded);
      if (warned !== null && isForecast(warned.warning)) ahead.set(loaded.incident.id, warned);
    }
    for (const [id, warned] of ahead) {
      const { subject, pod, containerId } = warned;
      if (inDanger.has(subjectKey(subject))) {
        calmSince.delete(id);
        continue;
      }
      const name = `${subject.namespace ?? ''}/${pod}/${subject.container ?? ''}`;
      const own = near.find((container) => containerKey(container) === name);
      const isOther = own !== undefined && own.containerId !== null && own.containerId !== containerId;
      await calm(id, warned, !seen.has(name) || isOther ? 'unseen' : calmOf(own && found.get(own)), at);
    }
    for (const id of calmSince.keys()) if (!ahead.has(id)) calmSince.delete(id);
  }

  return async (check) => {
    const { near, at } = check;
    let found: ReadonlyMap<ContainerNow, Forecast>;
    try {
      found = await foretell(near, at);
    } catch (error) {
      if (!(error instanceof Failure) || error.code.startsWith('redis-')) throw error;
      needs.log('warn', 'no look ahead', { error });
      return;
    }
    const counted = new Map<string, number>();
    for (const [container, { is }] of found) {
      if (is !== 'calm') counted.set(runKey(container), (dangerous.get(runKey(container)) ?? 0) + 1);
    }
    dangerous = counted;
    for (const [run, tried] of triedAt) if (at - tried >= againMs) triedAt.delete(run);
    for (const [container, danger] of found) {
      if (danger.is !== 'calm' && (counted.get(runKey(container)) ?? 0) >= checksBefore)
        await warnOf(container, danger, at);
    }
    await watchWarned(check, found, at);
  };
}

const safe: Forecast = { is: 'calm', why: 'not-seen' };

/** Below 60% of its limit a container is no longer checked closely: its usage has gone down. */
function calmOf(found: Forecast | undefined): Calm | 'unseen' {
  if (found?.is !== 'calm') return 'came-down';
  if (found.why === 'not-seen') return 'unseen';
  return found.why === 'comes-down' ? 'came-down' : 'stopped-growing';
}

function runKey(container: ContainerNow): string {
  return `${containerKey(container)} ${container.containerId ?? ''}`;
}

function byContainer(allSeries: readonly UsageSeries[]): (container: ContainerNow) => readonly UsageSeries[] {
  const groups = Map.groupBy(allSeries, containerKey);
  return (container) => groups.get(containerKey(container)) ?? [];
}

/** Alerts and node shortages do not end here: Alertmanager resolves the former, the node the latter. */
function isForecast({ of }: Warning): boolean {
  return of.is !== 'alert' && of.is !== 'node-pressure';
}
