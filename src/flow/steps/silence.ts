import { maySilence } from '../../core/approve/may-silence.ts';
import type { Loaded, Request, Silence } from '../../core/incident/incident.ts';
import type { IncidentEvent } from '../../core/incident/event.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { mostNamed, namesOf } from '../../core/talk/words.ts';
import { dayMs } from '../../core/units/duration.ts';

/** A silence that nobody remembers hides kills. */
const longestMs = 30 * dayMs;

/**
 * Snooze and ignore: a silence with scope and expiry, for everybody, so policy says who may (approve/may-silence.ts).
 * Anybody may end one. A silence of the workload is kept beside the incidents, so that the next incident of the same subject is silent too.
 * If there is nothing left to silence or to end, the person is told so.
 */
export async function silenceEvents(
  { incident }: Loaded,
  { silence: wanted, by, groups, value }: Request,
  needs: WorkerNeeds,
  at: number,
): Promise<(latest: Loaded) => readonly IncidentEvent[]> {
  const told = (text: string): readonly IncidentEvent[] => [
    { type: 'answered', to: by, at, text, people: [], refused: null },
  ];
  if (wanted === null || wanted.forMs <= 0) {
    await needs.store.keepSilence(incident.subject, null);
    return (latest) =>
      latest.incident.silence === null
        ? told('There is no silence to end any more. Nothing changed.')
        : [{ type: 'unsilenced', by, at }];
  }
  const closed = told(`${incident.id} was closed meanwhile, so there is nothing to silence.`);
  if (incident.state.is === 'closed') return () => closed;
  const asked = maySilence(needs.policy, incident, wanted.scope, { by, groups });
  if (!asked.may) return () => [mayNot(wanted.scope, asked.who, by, at)];
  const until = at + Math.min(wanted.forMs, longestMs);
  const silence: Silence = { scope: wanted.scope, by, at, until, reason: value ?? '' };
  if (silence.scope === 'workload') await needs.store.keepSilence(incident.subject, silence);
  return (latest) => (latest.incident.state.is === 'closed' ? closed : [{ type: 'silenced', silence }]);
}

function mayNot(scope: Silence['scope'], who: readonly string[], by: string, at: number): IncidentEvent {
  const people = who.slice(0, mostNamed);
  const named = namesOf(
    people.map((_, index) => `{${index}}`),
    who.length,
  );
  const text =
    scope === 'incident'
      ? `Only ${named} can snooze this incident for everybody. Nothing changed.`
      : `Only ${named} can ignore this workload for everybody. Nothing changed; you can snooze this incident.`;
  return {
    type: 'answered',
    to: by,
    at,
    text,
    people,
    refused: { action: 'silence', plan: null, reason: 'may-not-silence' },
  };
}
