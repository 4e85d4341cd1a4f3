import type { App, BlockAction, ButtonAction, OverflowAction } from '@slack/bolt';
import { onAcknowledge } from './acknowledge.ts';
import { onApply } from './apply.ts';
import { onApprove } from './approve.ts';
import type { ListenerDeps } from './deps.ts';
import { onMenu } from './menu.ts';
import { onOomCommand } from './oom-command.ts';
import { onReject } from './reject.ts';
import { onUnknownAction } from './unknown-action.ts';

/** Which listener hears what. */
export function registerListeners(app: App, deps: ListenerDeps): void {
  app.action<BlockAction<ButtonAction>>('apply', onApply(deps));
  app.action<BlockAction<ButtonAction>>('approve', onApprove(deps));
  app.action<BlockAction<ButtonAction>>('reject', onReject(deps));
  app.action<BlockAction<ButtonAction>>('acknowledge', onAcknowledge(deps));
  app.action<BlockAction<OverflowAction>>('menu', onMenu(deps));
  app.action<BlockAction>(/^(?!(?:apply|approve|reject|acknowledge|menu)$)/, onUnknownAction(deps));
  app.command(/^\/oom/, onOomCommand(deps));
}
