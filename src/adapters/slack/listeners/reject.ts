import type { BlockAction, ButtonAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import { Failure } from '../../../core/failure.ts';
import type { Notice } from '../../../core/talk/what-happened.ts';
import { whatHappened } from '../../../core/talk/what-happened.ts';
import { inTime } from '../../in-time.ts';
import { renderSentence } from '../blocks/answer.ts';
import { type ButtonValue, decodeButtonValue } from '../blocks/button-value.ts';
import { renderReject } from '../blocks/reject.ts';
import { asSlackFailure } from '../slack-failure.ts';
import type { ListenerDeps } from './deps.ts';
import { recordClick, UNREADABLE } from './record-click.ts';
import { acknowledged, reply } from './reply.ts';

const NO_DIALOG = 'Slack did not show the dialog. Nothing changed; please click again.';
/** A trigger expires after 3 s, so a store that is slower is not waited for: the submission is checked anyway. */
const lookMs = 1_500;

/**
 * Reject: a dialog asks why. What is out of date is answered at once. The Home tab has no thread to show a reason in, and
 * confirms with a button.
 */
export function onReject(deps: ListenerDeps): Middleware<SlackActionMiddlewareArgs<BlockAction<ButtonAction>>> {
  return async ({ ack, action, body, respond, client }) => {
    await acknowledged(ack, deps.log);
    const about = decodeButtonValue(action.value);
    if (body.view?.type === 'home') {
      await recordClick(deps, { request: 'reject', value: action.value, action, body, respond });
      return;
    }
    if (about === null) {
      await reply(respond, renderSentence(UNREADABLE));
      return;
    }
    const told = await inTime(whyNot(deps, about, body.user.id), lookMs, () => null);
    if (told !== null) {
      await reply(respond, renderSentence(told.text, told.people));
      return;
    }
    try {
      await client.views.open({ trigger_id: body.trigger_id, view: renderReject(about) });
    } catch (error) {
      const failure = asSlackFailure(error, 'views.open');
      deps.log.warn({ error: failure, incident: about.incident }, 'dialog not shown');
      await reply(respond, renderSentence(NO_DIALOG));
    }
  };
}

/** Why there is nothing to reject for this person; null where the submission may say so, or nobody knows. */
async function whyNot(deps: ListenerDeps, about: ButtonValue, user: string): Promise<Notice | null> {
  try {
    const mayNot = await deps.people.mayNotAsk(user);
    if (mayNot !== null) return { text: mayNot, people: [] };
    const cluster = (await deps.clusters()).find(({ name }) => name === about.cluster);
    const loaded = cluster === undefined ? null : await cluster.store.load(about.incident);
    return loaded === null ? null : whatHappened(loaded.incident, { action: 'reject', plan: about.plan });
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    deps.log.warn({ error: failure, incident: about.incident }, 'incident not read');
    return null;
  }
}
