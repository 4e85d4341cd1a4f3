import type { IncidentEvent } from '../incident/event.ts';
import type { Loaded } from '../incident/incident.ts';
import { endsRun, killedAtMs } from '../kill/kill.ts';
import { latestTrigger } from '../incident/triggers.ts';
import { hourMs } from '../units/duration.ts';
import { deployedOf } from './deployed.ts';
import { escalate } from './escalate.ts';
import type { Impact, ImpactFacts, ImpactRead, Rollout } from './impact.ts';
import { linksOf } from './link-templates.ts';
import { notificationWords } from './notification-words.ts';
import type { NotifyPolicy } from './notify-policy.ts';
import { ownerOf } from './owner.ts';
import { severityFor } from './severity-table.ts';

/**
 * What was read of the impact as events of the incident: what it means for whom, where that has changed, and whom to
 * notify now. None where nothing has changed. `rollout` null: not looked at again. `at`: now, ms UTC.
 */
export function assessment(
  loaded: Pick<Loaded, 'incident' | 'tally'>,
  { read, rollout }: { readonly read: ImpactRead; readonly rollout: Rollout | null },
  at: number,
  policy: NotifyPolicy,
): readonly IncidentEvent[] {
  const { incident, tally } = loaded;
  const before = incident.impact;
  // What cannot be read right now is as it was.
  const isUnread = read.pods === null && read.unserved === null;
  const facts = isUnread && before !== null ? before : factsOf(loaded, read, at);
  const { pods, restarts, unserved, qosClass, priorityClass } = facts;
  const trigger = latestTrigger(loaded);
  const now: Omit<Impact, 'notifyAt'> = {
    at,
    pods,
    restarts,
    unserved,
    qosClass,
    priorityClass,
    severity: severityFor(facts, incident.subject, policy.severity),
    owner: ownerOf(trigger, read.owner, policy.owners),
    deployed: rollout === null ? (before?.deployed ?? null) : deployedOf(read.deployed, rollout),
    links: [...linksOf({ incident, tally }, policy.links)],
  };
  const assessed = { incident: { ...incident, impact: { ...now, notifyAt: null } }, tally };
  const decision = escalate(assessed, policy.notify, at);
  if (decision.is !== 'due') {
    const impact = { ...now, notifyAt: decision.is === 'later' ? decision.at : null };
    return before !== null && isSame(before, impact) ? [] : [{ type: 'assessed', impact }];
  }
  const notified = { level: decision.level, people: [...decision.people], at };
  const told = { incident: { ...assessed.incident, notified: [...incident.notified, notified] }, tally };
  const next = escalate(told, policy.notify, at);
  const impact = { ...now, notifyAt: next.is === 'later' ? next.at : null };
  return [
    { type: 'assessed', impact },
    { type: 'notified', notified, text: notificationWords(incident, impact, notified) },
  ];
}

function factsOf(loaded: Pick<Loaded, 'incident' | 'tally'>, read: ImpactRead, at: number): ImpactFacts {
  const { pods, unserved, qosClass, priorityClass } = read;
  return { pods, unserved, qosClass, priorityClass, restarts: restartsOf(loaded, read, at) };
}

/**
 * Restarts of the last hour: the kills that ended a run, and where pods are younger than that, what they count
 * themselves, if it is more. Null for what is not restarted.
 */
function restartsOf(
  { incident, tally }: Pick<Loaded, 'incident' | 'tally'>,
  { young }: ImpactRead,
  at: number,
): ImpactFacts['restarts'] {
  const { kind } = incident.subject.workload;
  if (kind === 'Job' || kind === 'CronJob' || kind === 'Node') return null;
  const recent = tally.recent
    .filter((kill) => endsRun(kill) && at - killedAtMs(kill) <= hourMs)
    .toSorted((a, b) => killedAtMs(a) - killedAtMs(b));
  const [oldest, ...later] = recent;
  const first = oldest === undefined ? undefined : killedAtMs(oldest);
  // What was not seen before the oldest one may have been days ago.
  const count = later.reduce((sum, { unseenRestarts = 0 }) => sum + unseenRestarts, recent.length);
  if (young !== null && young.restarts > count) return { count: young.restarts, overMs: Math.max(0, at - young.since) };
  return { count, overMs: first === undefined ? hourMs : Math.max(0, at - first) };
}

/** But for the time that has gone by. */
function isSame(before: Impact, now: Impact): boolean {
  const timeless = ({ at: _at, restarts, ...rest }: Impact): string =>
    JSON.stringify([restarts?.count ?? null, Object.entries(rest).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
  return timeless(before) === timeless(now);
}
