import { decide } from '../../core/approve/decide.ts';
import type { Decidable } from '../../core/approve/decide.ts';
import type { Pause } from '../../core/approve/policy.ts';
import type { Loaded, Request } from '../../core/incident/incident.ts';
import { transition } from '../../core/incident/transition.ts';
import type { IncidentEvent } from '../../core/incident/event.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { editedPlan } from './edited-plan.ts';
import { silenceEvents } from './silence.ts';

/** Decides about one request of a person, by policy and the incident's latest version. */
export async function answer(loaded: Loaded, request: Request, needs: WorkerNeeds): Promise<After> {
  const at = await needs.now();
  const pause = await needs.store.pause();
  const prepared = await prepare(loaded, request, needs, at);
  await applyEvents(
    loaded.incident.id,
    needs,
    (latest) => {
      if (!latest.requests.some(({ id }) => id === request.id)) return null;
      const events = prepared(latest, pause);
      needs.log('info', 'request decided', {
        incident: latest.incident.id,
        action: request.action,
        by: request.by,
        plan: request.plan,
        events: events.map(({ type }) => type),
      });
      return events;
    },
    [request.id],
  );
  return again;
}

type Answer = (latest: Loaded, pause: Pause | null) => readonly IncidentEvent[];

/** First does what has to be read or written outside of the incident; returns the decision on its latest version. */
async function prepare(loaded: Loaded, request: Request, needs: WorkerNeeds, at: number): Promise<Answer> {
  const { action } = request;
  switch (action) {
    case 'edit': {
      const edited = await editedPlan(loaded, request, needs, at);
      if ('problem' in edited) return () => [refusal(request, at, 'bad-value', edited.problem)];
      return (latest, pause) => {
        const event: IncidentEvent = {
          type: 'edited',
          plan: edited.plan,
          instead: request.plan ?? '',
          by: request.by,
          at,
        };
        const result = transition(latest.incident, event);
        if (!result.ok) return [refusal(request, at, result.refusal, replaced)];
        const asked = { ...request, action, plan: edited.plan.id };
        const decided = decision(asked, { ...latest, incident: result.incident }, needs, at, pause);
        // If the person may neither approve nor request the value, the plan stays as it was.
        return decided.some(({ type }) => type === 'approved' || type === 'requested') ? [event, ...decided] : decided;
      };
    }
    case 'silence':
      return silenceEvents(loaded, request, needs, at);
    case 'apply':
    case 'approve':
    case 'reject':
    case 'acknowledge':
      return (latest, pause) => decision({ ...request, action }, latest, needs, at, pause);
  }
}

const replaced = 'That plan has been replaced or decided meanwhile; look at the top of the thread. Nothing was done.';

function decision(
  request: Decidable,
  { incident }: Loaded,
  needs: WorkerNeeds,
  at: number,
  pause: Pause | null,
): readonly IncidentEvent[] {
  const decided = decide(request, incident, needs.policy, pause);
  const plan = request.plan ?? '';
  switch (decided.is) {
    case 'acknowledged':
      return [{ type: 'acknowledged', by: request.by, at }];
    case 'approved':
      return [{ type: 'approved', plan, by: request.by, at }];
    case 'rejected':
      return [{ type: 'rejected', plan, by: request.by, at }];
    case 'requested': {
      const { forMs, secondPerson, approvers, text, people } = decided;
      return [
        { type: 'requested', plan, by: request.by, at, expiresAt: at + forMs, secondPerson, approvers },
        { type: 'answered', to: request.by, at, text, people, refused: null },
      ];
    }
    case 'refused':
      return [refusal(request, at, decided.reason, decided.text, decided.people)];
  }
}

/** The person is told why not, and so is the audit record. */
function refusal(
  { by, action, plan }: Request,
  at: number,
  reason: string,
  text: string,
  people: readonly string[] = [],
): IncidentEvent {
  return { type: 'answered', to: by, at, text, people, refused: { action, plan, reason } };
}
