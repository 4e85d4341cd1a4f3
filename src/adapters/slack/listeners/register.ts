import type {
  App,
  BlockAction,
  ButtonAction,
  Middleware,
  OverflowAction,
  PlainTextInputAction,
  SlackActionMiddlewareArgs,
  StaticSelectAction,
  ViewSubmitAction,
} from '@slack/bolt';
import { renderSentence } from '../blocks/answer.ts';
import { editView, limitInput } from '../blocks/edit-value.ts';
import { rejectView } from '../blocks/reject.ts';
import { silenceView } from '../blocks/silence.ts';
import type { ButtonId } from '../blocks/button-value.ts';
import { stormSnoozeMs } from '../blocks/storm.ts';
import { openListed } from '../blocks/storm-page.ts';
import { answeringSlack } from '../deliveries/tell-sender.ts';
import type { ListenerDeps } from './deps.ts';
import { onEdit } from './edit-value.ts';
import { onHomeOpened } from './home-opened.ts';
import { onMenu } from './menu.ts';
import { onOomCommand } from './oom-command.ts';
import { onOpenIncident, onOpenListed } from './open-incident.ts';
import { onRequest } from './record-click.ts';
import { onSubmittedSilence } from './silence.ts';
import { onStorm } from './storm.ts';
import { onReject } from './reject.ts';
import { onSubmittedReason } from './submitted-reason.ts';
import { onSubmittedValue } from './submitted-value.ts';
import { acknowledged, reply } from './reply.ts';
import { onTurnPage } from './turn-page.ts';
import { onTypedValue } from './typed-value.ts';
import { bounded } from '../../../core/units/text-bounds.ts';

type OnButton = (deps: ListenerDeps) => Middleware<SlackActionMiddlewareArgs<BlockAction<ButtonAction>>>;

/** By action id. The three buttons that apply a plan all request that plan. */
const buttons: Readonly<Record<ButtonId, OnButton>> = {
  apply: onRequest('apply'),
  'open-pr': onRequest('apply'),
  'roll-back': onRequest('apply'),
  approve: onRequest('approve'),
  reject: onReject,
  acknowledge: onRequest('acknowledge'),
  edit: onEdit,
  undo: onRequest('undo'),
  'make-permanent': onRequest('make-permanent'),
  'open-incident': onOpenIncident,
  'acknowledge-storm': onStorm({ action: 'acknowledge', silence: null }),
  'snooze-storm': onStorm({ action: 'silence', silence: { scope: 'incident', forMs: stormSnoozeMs } }),
  'previous-page': onTurnPage,
  'next-page': onTurnPage,
  // A link: Slack opens it; the click only has to be acknowledged.
  'view-pr':
    ({ log }) =>
    async ({ ack }) =>
      acknowledged(ack, log),
};

const UNKNOWN =
  'I do not know this button; the message may come from another version of Oomkeeper. Nothing changed. See /oom help.';

/** Which listener handles what. */
export function registerListeners(app: App, deps: ListenerDeps): void {
  const { slackApiUrl: api } = deps;
  for (const [id, on] of Object.entries(buttons))
    app.action<BlockAction<ButtonAction>>(id, answeringSlack(api, on(deps)));
  app.action<BlockAction<PlainTextInputAction>>(limitInput, onTypedValue(deps));
  app.action<BlockAction<OverflowAction>>('menu', answeringSlack(api, onMenu(deps)));
  app.action<BlockAction<StaticSelectAction>>(openListed, answeringSlack(api, onOpenListed(deps)));
  const known = [...Object.keys(buttons), limitInput, openListed, 'menu'].join('|');
  app.action<BlockAction>(new RegExp(`^(?!(?:${known})$)`), answeringSlack(api, onUnknown(deps)));
  app.view<ViewSubmitAction>(editView, onSubmittedValue(deps));
  app.view<ViewSubmitAction>(rejectView, onSubmittedReason(deps));
  app.view<ViewSubmitAction>(silenceView, onSubmittedSilence(deps));
  app.event('app_home_opened', onHomeOpened(deps));
  app.command(/^\/oom/, answeringSlack(api, onOomCommand(deps)));
}

function onUnknown({ log }: ListenerDeps): Middleware<SlackActionMiddlewareArgs<BlockAction>> {
  return async ({ ack, action, respond }) => {
    await acknowledged(ack, log);
    log.warn({ action: bounded(action.action_id, 'reason') }, 'unknown action');
    await reply(respond, renderSentence(UNKNOWN));
  };
}
