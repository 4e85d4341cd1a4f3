import { channelFor, type Route, type Routed } from '../../core/talk/route.ts';

/** Where incidents are posted. Channels are ids. */
export interface Channels {
  /** Where an incident with this trigger belongs. */
  readonly of: (trigger: Routed) => string;
  /** Where it continues if that channel cannot be written to. */
  readonly fallback: string;
  /** Every channel that may contain a root. */
  readonly all: readonly string[];
  /** `#shop`, or the id where no name is known. */
  readonly nameOf: (channel: string) => string;
}

/**
 * The channels that a bot posts incidents in: `routes` and `fallback` by name or id, `ids` maps those to ids. A route
 * whose channel is missing there leads to the fallback.
 */
export function createChannels(routes: readonly Route[], fallback: string, ids: ReadonlyMap<string, string>): Channels {
  const idOf = (channel: string): string => ids.get(channel) ?? ids.get(fallback) ?? fallback;
  const resolved = routes.map((route) => ({ ...route, channel: idOf(route.channel) }));
  const home = idOf(fallback);
  const names = new Map([...ids].map(([name, id]) => [id, name === id ? id : `#${name}`]));
  return {
    of: (trigger) => channelFor(trigger, resolved, home),
    fallback: home,
    all: [...new Set([home, ...resolved.map(({ channel }) => channel)])],
    nameOf: (channel) => names.get(channel) ?? channel,
  };
}
