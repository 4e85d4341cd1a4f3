import type { Answer } from '../blocks/answer.ts';
import { renderWhy } from '../blocks/why.ts';
import { answerIncident } from './answer-incident.ts';
import type { ListenerDeps } from './deps.ts';

/** Why an incident happened. `only` names one cluster. */
export function answerWhy(deps: ListenerDeps, id: string, only: string | null): Promise<Answer> {
  return answerIncident(deps, { id, only }, async ({ loaded }) => renderWhy(loaded));
}
