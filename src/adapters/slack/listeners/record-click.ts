import { createHash } from 'node:crypto';
import type { BlockAction, BlockElementAction, RespondFn } from '@slack/bolt';
import { Failure } from '../../../core/failure.ts';
import type { Request } from '../../../core/incident/incident.ts';
import { whatHappened } from '../../../core/talk/what-happened.ts';
import { renderSentence } from '../blocks/answer.ts';
import { type ButtonValue, decodeButtonValue } from '../blocks/button-value.ts';
import type { ListenerDeps } from './deps.ts';
import { tell } from './tell.ts';

export interface Click {
  readonly request: Request['action'];
  readonly value: string | undefined;
  readonly action: BlockElementAction;
  readonly body: BlockAction;
  readonly respond: RespondFn;
}

const UNREADABLE = 'I cannot read what this button is about. Please use the one at the top of the thread.';
const TRY_AGAIN = 'I cannot reach my store at the moment, so nothing was recorded. Please try again in a minute.';

/**
 * Records what somebody asked for; the worker decides and answers. Answers here only where nothing can be recorded: the
 * button is out of date, the incident is gone, or the store cannot be reached.
 */
export async function recordClick(deps: ListenerDeps, click: Click): Promise<void> {
  const about = decodeButtonValue(click.value);
  if (about === null) {
    await tell(click.respond, renderSentence(UNREADABLE));
    return;
  }
  try {
    await record(deps, click, about);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    deps.log.error({ error: failure, incident: about.incident, cluster: about.cluster }, 'click not recorded');
    await tell(click.respond, renderSentence(TRY_AGAIN));
  }
}

async function record(deps: ListenerDeps, click: Click, about: ButtonValue): Promise<void> {
  const { respond, request, body, action } = click;
  const cluster = (await deps.clusters()).find(({ name }) => name === about.cluster);
  if (cluster === undefined) {
    await tell(respond, renderSentence(`I do not speak for a cluster ${about.cluster}, so nothing was recorded.`));
    return;
  }
  const loaded = await cluster.store.load(about.incident);
  const happened = loaded === null ? null : whatHappened(loaded.incident, { action: request, plan: about.plan });
  if (happened !== null) {
    await tell(respond, renderSentence(happened.text, happened.people));
    return;
  }
  const recorded = await cluster.store.recordRequest({
    id: requestId(body.user.id, action, click.value),
    incident: about.incident,
    action: request,
    plan: about.plan,
    by: body.user.id,
    at: deps.now(),
  });
  if (recorded === 'no-incident') {
    await tell(
      respond,
      renderSentence(`I no longer know ${about.incident}; it was closed long ago. Nothing was done.`),
    );
    return;
  }
  await cluster.hints.advance(about.incident);
}

/** The same for each delivery of one click, so that the store records it once. */
export function requestId(
  user: string,
  action: Pick<BlockElementAction, 'action_id' | 'action_ts'>,
  value = '',
): string {
  const digest = createHash('sha256')
    .update([user, action.action_id, action.action_ts, value].join('\n'))
    .digest('hex');
  return `REQ-${digest.slice(0, 20)}`;
}
