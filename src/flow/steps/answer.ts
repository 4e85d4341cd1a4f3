import { decide } from '../../core/approve/decide.ts';
import type { Decidable } from '../../core/approve/decide.ts';
import { limitBeforeMs } from '../../core/approve/policy.ts';
import type { LimitBefore, Pause } from '../../core/approve/policy.ts';
import type { Approval, Loaded, Request } from '../../core/incident/incident.ts';
import { transition } from '../../core/incident/transition.ts';
import type { IncidentEvent } from '../../core/incident/event.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';
import { editedPlan } from './edited-plan.ts';
import { askedAlready, followPlan } from './follow.ts';
import { silenceEvents } from './silence.ts';

/** Decides about one request of a person, by policy and the incident's latest version. */
export async function answer(loaded: Loaded, request: Request, needs: WorkerNeeds): Promise<After> {
  const at = await needs.now();
  const { store } = needs;
  const [pause, before] = await Promise.all([
    store.pause(),
    store.limitBefore(loaded.incident.subject, at - limitBeforeMs),
  ]);
  const prepared = await prepare(loaded, request, needs, at);
  await applyEvents(
    loaded.incident.id,
    needs,
    (latest) => {
      if (!latest.requests.some(({ id }) => id === request.id)) return null;
      const events = toldOnce(request, prepared(latest, { at, pause, before }));
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

/** Whoever clicked for many incidents is answered once, by the bot. */
function toldOnce({ ofMany }: Request, events: readonly IncidentEvent[]): readonly IncidentEvent[] {
  return ofMany === true ? events.map((one) => (one.type === 'answered' ? { ...one, isUntold: true } : one)) : events;
}

interface Conditions {
  readonly at: number;
  readonly pause: Pause | null;
  readonly before: LimitBefore | null;
}

type Answer = (latest: Loaded, conditions: Conditions) => readonly IncidentEvent[];

/** First does what has to be read or written outside of the incident; returns the decision on its latest version. */
async function prepare(loaded: Loaded, request: Request, needs: WorkerNeeds, at: number): Promise<Answer> {
  const { action } = request;
  switch (action) {
    case 'edit': {
      const edited = await editedPlan(loaded, request, needs, at);
      if ('problem' in edited) return () => [refusal(request, at, 'bad-value', edited.problem)];
      const { plan } = edited;
      const event: IncidentEvent = { type: 'edited', plan, instead: request.plan ?? '', by: request.by, at };
      return afterwards(event, { ...request, action }, plan.id, needs);
    }
    case 'undo':
    case 'make-permanent': {
      const asked = askedAlready(loaded, { ...request, action });
      if (asked)
        return (latest, conditions) =>
          decision({ ...request, action: 'apply', plan: asked.plan.id }, latest, needs, conditions);
      const made = await followPlan(loaded, { ...request, action }, needs, at);
      if ('problem' in made) return () => [refusal(request, at, 'out-of-date', made.problem.text, made.problem.people)];
      const event: IncidentEvent = { type: 'prepared', plan: made.plan, by: request.by, at };
      return afterwards(event, { ...request, action }, made.plan.id, needs);
    }
    case 'silence':
      return silenceEvents(loaded, request, needs, at);
    case 'apply':
    case 'approve':
    case 'reject':
    case 'acknowledge':
      return (latest, conditions) => decision({ ...request, action }, latest, needs, conditions);
  }
}

/** What is decided about a plan that an event brings in; without a yes nothing is brought in. */
function afterwards(event: IncidentEvent, request: Decidable, plan: string, needs: WorkerNeeds): Answer {
  return (latest, conditions) => {
    const result = transition(latest.incident, event);
    if (!result.ok) return [refusal(request, conditions.at, result.refusal, replaced)];
    const decided = decision({ ...request, plan }, { ...latest, incident: result.incident }, needs, conditions);
    return decided.some(({ type }) => type === 'approved' || type === 'requested') ? [event, ...decided] : decided;
  };
}

const replaced = 'That plan has been replaced or decided meanwhile; look at the top of the thread. Nothing changed.';

function decision(
  request: Decidable,
  { incident }: Loaded,
  needs: WorkerNeeds,
  { at, pause, before }: Conditions,
): readonly IncidentEvent[] {
  const decided = decide(request, incident, needs.policy, pause, before);
  const plan = request.plan ?? '';
  // It may have waited for a worker since the click.
  const approval: Approval = { by: request.by, at: Math.min(request.at, at), groups: request.groups };
  switch (decided.is) {
    case 'acknowledged':
      return [{ type: 'acknowledged', by: request.by, at }];
    case 'approved':
      return [{ type: 'approved', plan, by: request.by, at, approvals: [...decided.after, approval] }];
    case 'rejected':
      return [{ type: 'rejected', plan, by: request.by, at, reason: request.value ?? '' }];
    case 'requested':
    case 'half-approved': {
      const { forMs, secondPerson, approvers, text, people } = decided;
      const common = { plan, by: request.by, at, approvers, approvals: decided.is === 'requested' ? [] : [approval] };
      const isNew = incident.remediations.findLast((one) => one.plan.id === plan)?.state === 'proposed';
      return [
        isNew
          ? { type: 'requested', ...common, expiresAt: at + forMs, secondPerson }
          : { type: 'half-approved', ...common },
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
