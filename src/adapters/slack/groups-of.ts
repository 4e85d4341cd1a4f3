import type { webApi } from '@slack/bolt';
import { asSlackFailure } from './slack-failure.ts';
import type { Log } from './slack-logger.ts';
import { minuteMs } from '../../core/units/duration.ts';

/** Groups change seldom, and a person who was just added can wait this long, ms. */
const keptMs = minuteMs;

type Groups = ReadonlyMap<string, readonly string[]>;

/**
 * Which Slack user groups somebody is in: one list of all groups with their members, kept for a minute, because Slack
 * allows 20 such calls a minute. If Slack refuses (a missing scope, for example) there are none, so that only rights
 * granted to the person by id count.
 */
export function createGroupsOf(
  client: webApi.WebClient,
  { now, log }: { readonly now: () => number; readonly log: Log },
): (user: string) => Promise<readonly string[]> {
  let kept: { readonly at: number; readonly groups: Promise<Groups> } | null = null;

  function read(): Promise<Groups> {
    if (kept !== null && now() - kept.at < keptMs) return kept.groups;
    const groups = listGroups(client);
    const mine = { at: now(), groups };
    kept = mine;
    groups.catch((error: unknown) => {
      // A missing scope will be missing for the next click too.
      if (asSlackFailure(error, 'usergroups.list').code !== 'chat-missing-scope' && kept === mine) kept = null;
    });
    return groups;
  }

  return async (user) => {
    try {
      return [...(await read())].filter(([, users]) => users.includes(user)).map(([id]) => id);
    } catch (error) {
      log.warn({ error: asSlackFailure(error, 'usergroups.list') }, 'user groups not read');
      return [];
    }
  };
}

async function listGroups(client: webApi.WebClient): Promise<Groups> {
  const { usergroups = [] } = await client.usergroups.list({ include_users: true, include_disabled: false });
  return new Map(usergroups.flatMap(({ id, users }) => (id === undefined ? [] : [[id, users ?? []] as const])));
}
