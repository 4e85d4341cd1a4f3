import {
  type Asked,
  hidesNames,
  type Home,
  type MaySee,
  type Reader,
  type Showing,
  whatMaySee,
} from '../../core/talk/readers.ts';
import { channelFor, channelsFor, type Route, routeFor, type Routed } from '../../core/talk/route.ts';

/** Where incidents are posted. Channels are ids. */
export interface Channels {
  /** Where an incident with this trigger belongs. */
  readonly of: (trigger: Routed) => string;
  /** Every channel in which an incident of this cluster may be posted. */
  readonly ofCluster: (cluster: string) => readonly string[];
  /** Where it continues if that channel cannot be written to. */
  readonly fallback: string;
  /** Every channel that may contain a root. */
  readonly all: readonly string[];
  /** `#shop`, or the id where no name is known. */
  readonly nameOf: (channel: string) => string;
  /** What may be shown of it there. */
  readonly maySee: (asked: Asked, showing: Showing) => MaySee;
  /** Whether any names of a cluster are hidden there. */
  readonly hidesNames: (cluster: string, showing: Showing) => boolean;
  /** Whether policy lets any person or group read elsewhere. */
  readonly namesPeople: boolean;
}

/** Who may read where: of the policy file, and of the chat. */
export interface Reading {
  readonly readers: readonly Reader[];
  /** Ids of the channels that everybody in the workspace can read. */
  readonly publicIds: ReadonlySet<string>;
}

const nowhere: Home = { channel: null, isPublic: false };

/**
 * The channels that a bot posts incidents in: `routes`, `named` (those that pods may name) and `fallback` by name or id,
 * `ids` maps those to ids. A route whose channel is missing there leads to the fallback, where only names are shown: it
 * may be private.
 */
export function createChannels(
  { routes, named }: { readonly routes: readonly Route[]; readonly named: readonly string[] },
  fallback: string,
  ids: ReadonlyMap<string, string>,
  { readers, publicIds }: Reading,
): Channels {
  const idOf = (channel: string): string => ids.get(channel) ?? ids.get(fallback) ?? fallback;
  const resolved = routes.map((route) => ({ ...route, channel: idOf(route.channel) }));
  const resolvedReaders = readers.map((one) => ({
    ...one,
    channels: one.channels.flatMap((channel) => ids.get(channel) ?? []),
  }));
  const home = idOf(fallback);
  const names = new Map([...ids].map(([name, id]) => [id, name === id ? id : `#${name}`]));

  /** Of what pods name only what policy lists counts: anybody who may write a pod writes that. */
  const namedBy = ({ channel }: Pick<Asked, 'channel'>): string | undefined =>
    channel !== undefined && named.includes(channel) ? ids.get(channel) : undefined;

  const homeOf = (asked: Asked): Home => {
    const route = routeFor(asked, routes);
    const isGuess = asked.labels === null && (named.length > 0 || Object.keys(route?.labels ?? {}).length > 0);
    const channel = isGuess ? undefined : (namedBy(asked) ?? ids.get(route?.channel ?? fallback));
    return channel === undefined ? nowhere : { channel, isPublic: publicIds.has(channel) };
  };

  return {
    of: (trigger) => namedBy(trigger) ?? channelFor(trigger, resolved, home),
    ofCluster: (cluster) => [...new Set([...channelsFor(cluster, resolved, home), ...named.map(idOf)])],
    fallback: home,
    all: [...new Set([home, ...resolved.map(({ channel }) => channel), ...named.map(idOf)])],
    nameOf: (channel) => names.get(channel) ?? channel,
    namesPeople: readers.some(({ who }) => who.length > 0),
    hidesNames: (cluster, showing) => hidesNames(cluster, showing, resolvedReaders),
    maySee: (asked, showing) => whatMaySee(asked, homeOf(asked), showing, resolvedReaders),
  };
}
