import { z } from 'zod';
import type { Subject } from '../kill/kill.ts';
import { globsSchema, matchesGlob } from '../units/glob.ts';
import { channelSchema } from './route.ts';

/*
 * Who may read what of an incident. In its own channel everybody reads everything. Elsewhere (in another channel, in a
 * direct message) the verdict is shown if its own channel is public, and only names if it is private; log lines, values and
 * evidence stay in the channel, since others may read here than there: guests, people of other organisations. A `readers` entry of the policy file about its namespace replaces that:
 * it lists who reads everything elsewhere, and may hide the names from all others. An answer that a whole channel sees is
 * judged by the channel alone; who asked for it does not widen it.
 */

/** `shape` is that of the chat's ids of people and groups. */
export const readerSchema = ({ shape, complaint }: { readonly shape: RegExp; readonly complaint: string }) =>
  z
    .strictObject({
      clusters: globsSchema.prefault(['*']),
      namespaces: globsSchema.prefault(['*']),
      channels: z.array(channelSchema).prefault([]),
      who: z.array(z.string().regex(shape, complaint)).prefault([]),
      names: z.boolean().default(true),
    })
    .readonly();
/** Who reads what of these namespaces outside of the incident's own channel; names to all others, unless `names` is false. */
export type Reader = z.infer<ReturnType<typeof readerSchema>>;

/** What somebody asks about. Labels are those of the pod; null where nobody knows them. */
export interface Asked {
  readonly subject: Pick<Subject, 'cluster' | 'namespace'>;
  readonly labels: Readonly<Record<string, string>> | null;
  /** The channel that its pod names. */
  readonly channel?: string | undefined;
}

/** The channel that an incident belongs to; null where that channel cannot be found. */
export interface Home {
  readonly channel: string | null;
  readonly isPublic: boolean;
}

/** Where the answer is shown, and who alone sees it there; null = everybody in the channel. */
export interface Showing {
  readonly channel: string;
  readonly only: { readonly by: string; readonly groups: readonly string[] } | null;
}

export type MaySee =
  | { readonly see: 'all'; readonly because: 'own-channel' | 'reader' }
  /** What it is and why, without what was read of it. */
  | { readonly see: 'verdict'; readonly because: 'public-channel' }
  | { readonly see: 'names'; readonly because: 'private-channel' | 'no-reader' }
  | { readonly see: 'nothing'; readonly because: 'names-hidden' };

/** What may be shown of an incident of this place. Channels are ids, those of `readers` too. */
export function whatMaySee(
  { subject }: Pick<Asked, 'subject'>,
  home: Home,
  { channel, only }: Showing,
  readers: readonly Reader[],
): MaySee {
  if (home.channel === channel) return { see: 'all', because: 'own-channel' };
  const about = readers.filter(
    ({ clusters, namespaces }) =>
      clusters.some((glob) => matchesGlob(glob, subject.cluster)) &&
      namespaces.some((glob) => matchesGlob(glob, subject.namespace ?? '')),
  );
  if (about.some((one) => isReader(one, { channel, only }))) return { see: 'all', because: 'reader' };
  if (about.some(({ names }) => !names)) return { see: 'nothing', because: 'names-hidden' };
  if (about.length > 0) return { see: 'names', because: 'no-reader' };
  return home.isPublic ? { see: 'verdict', because: 'public-channel' } : { see: 'names', because: 'private-channel' };
}

/** Whether any names of this cluster are hidden there, so that text which may have them cannot be shown. */
export function hidesNames(cluster: string, showing: Showing, readers: readonly Reader[]): boolean {
  return readers.some(
    (one) => !one.names && one.clusters.some((glob) => matchesGlob(glob, cluster)) && !isReader(one, showing),
  );
}

/**
 * Whether a thread that had to move to another channel goes on there with its evidence and logs. That of a public channel
 * does: everybody could read it, and whoever is to act needs it.
 */
export function movesWhole({ see }: Pick<MaySee, 'see'>): boolean {
  return see === 'all' || see === 'verdict';
}

function isReader({ channels, who }: Reader, { channel, only }: Showing): boolean {
  const people = only === null ? [] : [only.by, ...only.groups];
  return channels.includes(channel) || people.some((one) => who.includes(one));
}
