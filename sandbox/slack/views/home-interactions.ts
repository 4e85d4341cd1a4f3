import { randomBytes } from 'node:crypto';
import { type Choice, chosenIn } from '../people/actions.ts';
import { type InteractionContext, verificationToken } from '../people/interaction-context.ts';
import { idOf } from '../workspace.ts';
import { apiView } from './api-view.ts';
import type { ViewResult } from './view-interactions.ts';

/** In the Home tab of the app, as this person sees it. */
export interface HomeActRequest extends Omit<Choice, 'stale'> {
  readonly user: string;
}

export interface HomeInteractions {
  /** Opens the Home tab. Without a subscription to that event the app hears nothing of it, and there is no `ack`. */
  readonly homeOpen: (user: string) => Promise<ViewResult>;
  readonly homeAct: (request: HomeActRequest) => Promise<ViewResult>;
}

/** What people do in the app's Home tab. */
export function createHomeInteractions({
  deliver,
  nextActionTs,
  personOf,
  who,
  world,
}: InteractionContext): HomeInteractions {
  const { bot, team, events, homeTab } = world.workspace;

  return {
    homeOpen: async (user) => {
      const person = personOf(user);
      if (person === undefined) return { ok: false, error: 'user_not_found' };
      if (!homeTab || !events.includes('app_home_opened')) return { ok: true };
      const view = world.views.homeOf(person.id);
      const ack = await deliver('events_api', {
        token: verificationToken,
        team_id: person.teamId ?? team.id,
        api_app_id: bot.appId,
        type: 'event_callback',
        event_id: `Ev0${randomBytes(5).toString('hex').toUpperCase()}`,
        event_time: Math.floor(world.now() / 1000),
        is_ext_shared_channel: false,
        authorizations: [
          { enterprise_id: null, team_id: team.id, user_id: bot.userId, is_bot: true, is_enterprise_install: false },
        ],
        event: {
          type: 'app_home_opened',
          user: person.id,
          channel: idOf('D', person.name),
          tab: 'home',
          event_ts: nextActionTs(),
          ...(view === undefined ? {} : { view: apiView(world, view) }),
        },
      });
      // NOTE: nobody sees that an event failed; it comes again.
      return ack.outcome === 'acknowledged' ? { ok: true, ack: { ms: ack.ms } } : { ok: true };
    },

    homeAct: async ({ user, ...choice }) => {
      const person = personOf(user);
      if (person === undefined) return { ok: false, error: 'user_not_found' };
      const view = world.views.homeOf(person.id);
      if (view === undefined) return { ok: false, error: 'view_not_found' };
      const chosen = chosenIn(view.content.blocks, choice, nextActionTs());
      if (!chosen.ok) return { ok: false, error: chosen.error };
      const ack = await deliver('interactive', {
        type: 'block_actions',
        ...who(person),
        container: { type: 'view', view_id: view.id },
        view: apiView(world, view),
        actions: [chosen.action],
      });
      return ack.outcome === 'acknowledged' ? { ok: true, ack: { ms: ack.ms } } : { ok: false, error: ack.outcome };
    },
  };
}
