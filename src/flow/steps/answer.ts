import { decide } from '../../core/approve/decide.ts';
import type { Loaded, Request } from '../../core/incident/incident.ts';
import type { IncidentEvent } from '../../core/incident/event.ts';
import { again } from '../after.ts';
import type { After } from '../after.ts';
import { applyEvents } from '../apply-events.ts';
import type { WorkerNeeds } from '../worker-needs.ts';

/** Decides about one request of a person, by policy, against the incident as it is now. */
export async function answer(loaded: Loaded, request: Request, needs: WorkerNeeds): Promise<After> {
  const at = await needs.now();
  await applyEvents(
    loaded.incident.id,
    needs,
    ({ incident, requests }) => {
      if (!requests.some(({ id }) => id === request.id)) return null;
      const decision = decide(request, incident, needs.policy);
      needs.log('info', 'request decided', {
        incident: incident.id,
        action: request.action,
        by: request.by,
        plan: request.plan,
        decision: decision.is,
        ...(decision.is === 'refused' ? { reason: decision.reason } : {}),
      });
      const plan = request.plan ?? '';
      switch (decision.is) {
        case 'acknowledged':
          return [{ type: 'acknowledged', by: request.by, at }];
        case 'approved':
          return [{ type: 'approved', plan, by: request.by, at }];
        case 'rejected':
          return [{ type: 'rejected', plan, by: request.by, at }];
        case 'requested':
          return [
            { type: 'requested', plan, by: request.by, at, expiresAt: at + needs.pace.approvalTtlMs },
            answered(request, at, decision),
          ];
        case 'refused':
          return [answered(request, at, decision)];
      }
    },
    [request.id],
  );
  return again;
}

function answered(
  request: Request,
  at: number,
  decision: { readonly text: string; readonly people: readonly string[] },
): IncidentEvent {
  return { type: 'answered', to: request.by, at, text: decision.text, people: decision.people };
}
