import type { Method } from './method.ts';

export const appMethods: Readonly<Record<string, Method>> = {
  'api.test': { token: 'none', scopes: [], tier: 4, required: [], optional: [], run: () => ({}) },
  'auth.test': {
    token: 'bot',
    scopes: [],
    tier: 'special',
    required: [],
    optional: [],
    run: ({ world }) => {
      const { bot, team } = world.workspace;
      return {
        url: `https://${team.domain}.slack.com/`,
        team: team.name,
        user: bot.name.toLowerCase(),
        team_id: team.id,
        user_id: bot.userId,
        bot_id: bot.botId,
        is_enterprise_install: false,
      };
    },
  },
  'apps.connections.open': {
    token: 'app',
    scopes: [],
    tier: 1,
    required: [],
    optional: [],
    run: ({ world }) => ({ url: world.openSocket() }),
  },
  'usergroups.list': {
    token: 'bot',
    scopes: ['usergroups:read'],
    tier: 2,
    required: [],
    optional: ['include_disabled', 'include_users'],
    run: ({ args, world }) => ({
      usergroups: world.workspace.groups.map(({ handle, id, members, name }) => ({
        id,
        name,
        handle,
        ...(args.flag('include_users') ? { users: members } : {}),
      })),
    }),
  },
};
