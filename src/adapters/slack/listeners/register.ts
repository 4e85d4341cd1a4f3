import type {
  App,
  BlockAction,
  ButtonAction,
  OverflowAction,
  PlainTextInputAction,
  ViewSubmitAction,
} from '@slack/bolt';
import { editView, limitInput } from '../blocks/edit-value.ts';
import { onAcknowledge } from './acknowledge.ts';
import { onApply } from './apply.ts';
import { onApprove } from './approve.ts';
import type { ListenerDeps } from './deps.ts';
import { onEdit } from './edit-value.ts';
import { onMenu } from './menu.ts';
import { onOomCommand } from './oom-command.ts';
import { onOpenIncident } from './open-incident.ts';
import { onReject } from './reject.ts';
import { onSubmittedValue } from './submitted-value.ts';
import { onTypedValue } from './typed-value.ts';
import { onUnknownAction } from './unknown-action.ts';
import { onViewPullRequest } from './view-pull-request.ts';

/** Which listener hears what. The three ways to carry a plan out ask for the same thing: that plan. */
export function registerListeners(app: App, deps: ListenerDeps): void {
  for (const action of ['apply', 'open-pr', 'roll-back']) app.action<BlockAction<ButtonAction>>(action, onApply(deps));
  app.action<BlockAction<ButtonAction>>('approve', onApprove(deps));
  app.action<BlockAction<ButtonAction>>('reject', onReject(deps));
  app.action<BlockAction<ButtonAction>>('acknowledge', onAcknowledge(deps));
  app.action<BlockAction<ButtonAction>>('open-incident', onOpenIncident(deps));
  app.action<BlockAction<ButtonAction>>('edit', onEdit(deps));
  app.action<BlockAction<PlainTextInputAction>>(limitInput, onTypedValue(deps));
  app.action<BlockAction<ButtonAction>>('view-pr', onViewPullRequest(deps));
  app.action<BlockAction<OverflowAction>>('menu', onMenu(deps));
  const known = `apply|open-pr|roll-back|approve|reject|acknowledge|open-incident|edit|${limitInput}|view-pr|menu`;
  app.action<BlockAction>(new RegExp(`^(?!(?:${known})$)`), onUnknownAction(deps));
  app.view<ViewSubmitAction>(editView, onSubmittedValue(deps));
  app.command(/^\/oom/, onOomCommand(deps));
}
