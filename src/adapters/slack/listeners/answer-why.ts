import { Failure } from '../../../core/failure.ts';
import { type Answer, answerOf, renderSentence } from '../blocks/answer.ts';
import { renderUnknownIncident, renderWhy } from '../blocks/why.ts';
import type { ListenerDeps } from './deps.ts';
import { findIncident, nearIncidents } from './find-incident.ts';

export const UNREADABLE_STORE = 'I cannot reach my store at the moment. Please try again in a minute.';

/** Why an incident happened; for an id that nobody knows, the nearest open ones. `only` names one cluster. */
export async function answerWhy(deps: ListenerDeps, id: string, only: string | null): Promise<Answer> {
  try {
    const all = await deps.clusters();
    const clusters = only === null ? all : all.filter(({ name }) => name === only);
    const found = await findIncident(clusters, id);
    if (found.length === 0) return renderUnknownIncident(id, await nearIncidents(clusters, id));
    const answers = found.map(({ loaded }) => renderWhy(loaded));
    return answerOf(
      answers.flatMap(({ blocks }) => blocks),
      answers.map(({ text }) => text),
    );
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    deps.log.error({ error: failure, incident: id }, 'incident not read');
    return renderSentence(UNREADABLE_STORE);
  }
}
