import type { DigestTime } from '../../core/digest/digest-time.ts';
import type { Place } from '../../core/talk/place.ts';
import type { Now, Store } from '../needs.ts';
import type { ChannelQueues } from '../show/channel-queues.ts';
import type { Channels } from '../show/channels.ts';
import type { Chat, Claims, ShowSettings } from '../show/needs.ts';

/** Whether the digest of a channel and hour was sent. */
export interface SentDigest {
  /** Compare-and-set counter: 0 before the first write, one more with each. */
  readonly revision: number;
  readonly claims: Claims;
  /** Also where there was nothing to say. */
  readonly sent: boolean;
}

/** Kept for some days. `slot` is ms UTC. */
export interface Digests {
  readonly read: (channel: string, slot: number) => Promise<SentDigest>;
  /** Writes if the revision is still the stored one, and returns it as stored; null if another process was faster. */
  readonly write: (channel: string, slot: number, digest: SentDigest) => Promise<SentDigest | null>;
}

/** A cluster that the bot speaks for. */
export interface DigestCluster {
  readonly store: Pick<Store, 'open' | 'load' | 'results' | 'suspects' | 'ignored'>;
  /** Where the root of an incident is; null while it has none. */
  readonly place: (incident: string) => Promise<Place | null>;
}

export interface DigestNeeds {
  readonly clusters: () => Promise<readonly DigestCluster[]>;
  readonly channels: Pick<Channels, 'all' | 'of' | 'maySee'>;
  readonly timeOf: (channel: string) => DigestTime;
  readonly digests: Digests;
  readonly chat: Pick<Chat, 'post' | 'find' | 'remove'>;
  readonly queues: Pick<ChannelQueues, 'run'>;
  /** Redis time. */
  readonly now: Now;
  readonly settings: Pick<ShowSettings, 'searchAgainMs'>;
  readonly trouble: (failure: unknown, channel: string) => void;
}
