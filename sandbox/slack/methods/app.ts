import type { Method } from '../method.ts';

export const appMethods: Readonly<Record<string, Method>> = {
  'api.test': {
    token: 'none',
    scopes: [],
    tier: 4,
    required: [],
    optional: ['error', 'foo'],
    run: ({ args }) => ({ args: Object.fromEntries(args.names().map((name) => [name, args.text(name)])) }),
  },
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
  'team.info': {
    token: 'bot',
    scopes: ['team:read'],
    tier: 3,
    required: [],
    optional: ['team'],
    run: ({ world }) => {
      const { domain, id, name } = world.workspace.team;
      return { team: { id, name, domain, url: `https://${domain}.slack.com/`, email_domain: 'example.com', icon: {} } };
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
};
