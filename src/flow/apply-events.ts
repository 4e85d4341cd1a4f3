import { auditLines } from '../core/incident/audit.ts';
import type { Loaded } from '../core/incident/incident.ts';
import { laterChecks } from '../core/incident/later-checks.ts';
import { transitionAll } from '../core/incident/transition.ts';
import type { IncidentEvent } from '../core/incident/event.ts';
import type { WorkerNeeds } from './worker-needs.ts';

/**
 * Commits the events that `decide` returns for the latest version, through the transition, and sends the bot a hint.
 * `decide` returns null if the latest version is no longer what the step was about. Events that the transition refuses
 * change nothing, but the requests that they answer count as decided.
 */
export async function applyEvents(
  incident: string,
  needs: WorkerNeeds,
  decide: (loaded: Loaded) => readonly IncidentEvent[] | null,
  decided: readonly string[] = [],
): Promise<void> {
  const now = await needs.now();
  await needs.store.update(incident, (loaded) => {
    const events = decide(loaded);
    if (events === null) return null;
    const result = transitionAll(loaded.incident, events);
    if (!result.ok) {
      needs.log('warn', 'event refused', {
        incident,
        refusal: result.refusal,
        events: events.map((event) => event.type),
      });
      if (decided.length === 0) return null;
    }
    if (result.ok) needs.log('info', 'incident changed', { incident, events: events.map((event) => event.type) });
    const after = result.ok ? result.incident : loaded.incident;
    const isOver =
      after.state.is === 'closed' &&
      laterChecks(after).length === 0 &&
      loaded.requests.every(({ id }) => decided.includes(id));
    return {
      incident: after,
      entries: result.ok ? result.entries : [],
      audit: result.ok ? auditLines(loaded.incident, events) : [],
      decided,
      dueAt: isOver ? null : now,
    };
  });
  await needs.hints.show(incident);
}
