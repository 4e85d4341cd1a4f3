import type { JsonObject } from '../json.ts';
import { Refusal } from '../refusal.ts';
import type { Method, World } from './method.ts';

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
  'bots.info': {
    token: 'bot',
    scopes: ['users:read'],
    tier: 3,
    required: [],
    optional: ['bot'],
    run: ({ args, world }) => {
      const { bot } = world.workspace;
      if (args.text('bot') !== bot.botId) throw new Refusal('bot_not_found');
      return { bot: { id: bot.botId, deleted: false, name: bot.name, app_id: bot.appId, user_id: bot.userId } };
    },
  },
  'users.info': {
    token: 'bot',
    scopes: ['users:read'],
    tier: 4,
    required: ['user'],
    optional: ['include_locale'],
    run: ({ args, world }) => ({ user: userOf(world, args.need('user')) }),
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

const plain = {
  is_admin: false,
  is_owner: false,
  is_primary_owner: false,
  is_restricted: false,
  is_ultra_restricted: false,
  is_bot: false,
  is_app_user: false,
};

/** A person, the bot or Slackbot as Slack describes them. Throws `user_not_found`. */
function userOf({ workspace }: World, id: string): JsonObject {
  const { bot, people, team } = workspace;
  const here = { ...plain, id, team_id: team.id, deleted: false };
  // NOTE: Slack says of Slackbot that it is no bot.
  if (id === 'USLACKBOT') return { ...here, name: 'slackbot', real_name: 'Slackbot' };
  if (id === bot.userId) {
    const profile = { api_app_id: bot.appId, bot_id: bot.botId, real_name: bot.name };
    return { ...here, name: bot.name.toLowerCase(), is_bot: true, profile };
  }
  const person = people.find((one) => one.id === id);
  if (person === undefined) throw new Refusal('user_not_found');
  const { color, displayName, email, name, realName, standing, teamId } = person;
  const profile = { real_name: realName, display_name: displayName, email };
  const who = { id, name, team_id: teamId ?? team.id, profile, is_bot: standing === 'bot', is_app_user: false };
  // NOTE: Slack says nothing of the rights of accounts that are deactivated or of another workspace.
  if (standing === 'deactivated') return { ...who, deleted: true };
  if (teamId !== undefined) return { ...who, deleted: false, color, real_name: realName };
  return {
    ...here,
    ...who,
    color,
    real_name: realName,
    is_restricted: standing === 'guest' || standing === 'single-channel-guest',
    is_ultra_restricted: standing === 'single-channel-guest',
  };
}
