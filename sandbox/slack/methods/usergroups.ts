import type { JsonObject } from '../json.ts';
import { type Method, type World } from '../method.ts';
import { Refusal } from '../refusal.ts';
import type { Group } from '../workspace.ts';

export const usergroupMethods: Readonly<Record<string, Method>> = {
  'usergroups.list': {
    token: 'bot',
    scopes: ['usergroups:read'],
    tier: 2,
    required: [],
    optional: ['include_count', 'include_disabled', 'include_users'],
    run: ({ args, world }) => ({
      usergroups: world.workspace.groups.map((group) => ({
        ...apiGroup(world, group),
        ...(args.flag('include_count') ? { user_count: group.members.length } : {}),
        ...(args.flag('include_users') ? { users: group.members } : {}),
      })),
    }),
  },
  'usergroups.users.list': {
    token: 'bot',
    scopes: ['usergroups:read'],
    tier: 2,
    required: ['usergroup'],
    optional: ['include_disabled'],
    run: ({ args, world }) => {
      const wanted = args.need('usergroup');
      const group = world.workspace.groups.find(({ id }) => id === wanted);
      if (group === undefined) throw new Refusal('no_such_subteam');
      return { users: group.members };
    },
  },
};

function apiGroup({ workspace }: World, group: Group): JsonObject {
  return {
    id: group.id,
    team_id: workspace.team.id,
    is_usergroup: true,
    is_subteam: true,
    name: group.name,
    description: '',
    handle: group.handle,
    is_external: false,
    date_create: 0,
    date_update: 0,
    date_delete: 0,
    auto_type: null,
    auto_provision: false,
    created_by: 'USLACKBOT',
    updated_by: 'USLACKBOT',
    deleted_by: null,
    prefs: { channels: [], groups: [] },
  };
}
