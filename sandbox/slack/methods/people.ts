import type { JsonObject } from '../json.ts';
import { type Call, joinedChannel, type Method, page, type World } from '../method.ts';
import type { Message } from '../message-store.ts';
import { Refusal } from '../refusal.ts';
import type { Person } from '../workspace.ts';

export const peopleMethods: Readonly<Record<string, Method>> = {
  'users.info': {
    token: 'bot',
    scopes: ['users:read'],
    tier: 4,
    required: ['user'],
    optional: ['include_locale'],
    run: ({ args, world }) => {
      const wanted = args.need('user');
      const user = everybody(world).find((candidate) => candidate['id'] === wanted);
      if (user === undefined) throw new Refusal('user_not_found');
      return { user };
    },
  },
  'users.lookupByEmail': {
    token: 'bot',
    scopes: ['users:read.email'],
    tier: 3,
    required: ['email'],
    optional: [],
    run: ({ args, world }) => {
      const email = args.need('email').toLowerCase();
      const person = world.workspace.people.find((candidate) => candidate.email === email);
      if (person === undefined) throw new Refusal('users_not_found');
      return { user: apiUser(world, person) };
    },
  },
  'users.list': {
    token: 'bot',
    scopes: ['users:read'],
    tier: 2,
    required: [],
    optional: ['cursor', 'include_locale', 'limit'],
    run: ({ args, world }) => {
      const { items, next } = page(everybody(world), (user) => String(user['id']), args, 100);
      return { members: items, response_metadata: { next_cursor: next } };
    },
  },
  'reactions.add': {
    token: 'bot',
    scopes: ['reactions:write'],
    tier: 3,
    required: ['channel', 'name', 'timestamp'],
    optional: [],
    run: (call) => {
      const { message, name, users } = reaction(call);
      const { userId } = call.world.workspace.bot;
      if (users.includes(userId)) throw new Refusal('already_reacted');
      message.reactions.set(name, [...users, userId]);
      call.world.store.touch();
      return {};
    },
  },
  'reactions.remove': {
    token: 'bot',
    scopes: ['reactions:write'],
    tier: 2,
    required: ['channel', 'name', 'timestamp'],
    optional: [],
    run: (call) => {
      const { message, name, users } = reaction(call);
      const { userId } = call.world.workspace.bot;
      if (!users.includes(userId)) throw new Refusal('no_reaction');
      const others = users.filter((user) => user !== userId);
      if (others.length > 0) message.reactions.set(name, others);
      else message.reactions.delete(name);
      call.world.store.touch();
      return {};
    },
  },
};

function reaction({ args, world }: Call): { message: Message; name: string; users: readonly string[] } {
  const name = args.need('name').replaceAll(':', '');
  if (!/^[\w+'-]+$/.test(name)) throw new Refusal('invalid_name');
  const channel = joinedChannel(world, args.need('channel'));
  if (channel.isArchived) throw new Refusal('is_archived');
  const message = world.store.find(channel.id, args.need('timestamp'));
  if (message === undefined || message.onlyFor !== undefined) throw new Refusal('message_not_found');
  return { message, name, users: message.reactions.get(name) ?? [] };
}

function everybody(world: World): readonly JsonObject[] {
  const { bot, team } = world.workspace;
  const botUser = {
    id: bot.userId,
    team_id: team.id,
    name: bot.name.toLowerCase(),
    real_name: bot.name,
    deleted: false,
    is_bot: true,
    is_app_user: false,
    profile: { real_name: bot.name, display_name: '', bot_id: bot.botId, api_app_id: bot.appId, team: team.id },
  };
  return [...world.workspace.people.map((person) => apiUser(world, person)), botUser];
}

/** NOTE: the address is shown only to apps with `users:read.email`. */
function apiUser(world: World, person: Person): JsonObject {
  const email = world.workspace.scopes.includes('users:read.email') ? { email: person.email } : {};
  return {
    id: person.id,
    team_id: world.workspace.team.id,
    name: person.name,
    real_name: person.realName,
    color: person.color,
    deleted: false,
    is_bot: false,
    is_app_user: false,
    tz: 'Etc/UTC',
    tz_offset: 0,
    profile: { real_name: person.realName, display_name: person.displayName, ...email, team: world.workspace.team.id },
  };
}
