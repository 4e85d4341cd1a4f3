import type { Middleware, SlackEventMiddlewareArgs } from '@slack/bolt';
import { Failure } from '../../../core/failure.ts';
import { renderPlainHome } from '../blocks/home.ts';
import { asSlackFailure } from '../slack-failure.ts';
import type { ListenerDeps } from './deps.ts';
import { UNREADABLE_STORE } from './with-clusters.ts';

/** Somebody opens the Home tab: it is shown as it is now, and kept up to date for a while. */
export function onHomeOpened(deps: ListenerDeps): Middleware<SlackEventMiddlewareArgs<'app_home_opened'>> {
  return async ({ event, client }) => {
    if (event.tab === 'messages') return;
    const { user } = event;
    try {
      await deps.homes.opened(user);
      await deps.showHome(user);
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      deps.log.error({ error: failure }, 'Home tab not shown');
      if (failure.code.startsWith('chat-')) return;
      await client.views
        .publish({ user_id: user, view: renderPlainHome(UNREADABLE_STORE) })
        .catch((error: unknown) =>
          deps.log.warn({ error: asSlackFailure(error, 'views.publish') }, 'Home tab not shown'),
        );
    }
  };
}
