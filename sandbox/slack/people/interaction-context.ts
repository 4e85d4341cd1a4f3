import type { Deliver } from '../deliver/delivery.ts';
import type { JsonObject } from '../json.ts';
import type { Channel } from '../message-store.ts';
import type { World } from '../web-api/method.ts';
import type { Person } from '../workspace.ts';

export const verificationToken = 'sandbox-verification-token';

/** What everything that people do has in common. People and channels are given by id or by name (`amira`, `#oom-alerts`). */
export interface InteractionContext {
  readonly world: World;
  readonly deliver: Deliver;
  readonly personOf: (named: string) => Person | undefined;
  readonly channelOf: (named: string) => Channel | undefined;
  /** Unique, as Slack's are: two clicks in one millisecond are two clicks. */
  readonly nextActionTs: () => string;
  /** The part of an interaction's payload that says who did it, with a fresh trigger id. */
  readonly who: (person: Person) => JsonObject;
}

export function createInteractionContext(world: World, deliver: Deliver): InteractionContext {
  const { bot, people, team } = world.workspace;
  let lastActionMicros = 0;
  return {
    world,
    deliver,
    personOf: (named) => people.find((person) => person.id === named || person.name === named.replace(/^@/, '')),
    channelOf: (named) =>
      world.store.channels().find((channel) => channel.id === named || channel.name === named.replace(/^#/, '')),
    nextActionTs: () => {
      lastActionMicros = Math.max(world.now() * 1000, lastActionMicros + 1);
      return (lastActionMicros / 1e6).toFixed(6);
    },
    who: (person) => ({
      user: { id: person.id, username: person.name, name: person.name, team_id: person.teamId ?? team.id },
      api_app_id: bot.appId,
      token: verificationToken,
      team: { id: team.id, domain: team.domain },
      enterprise: null,
      is_enterprise_install: false,
      trigger_id: world.triggers.issue({ user: person.id }),
    }),
  };
}
