import type { HomeClick } from '../../core/home/home-news.ts';
import type { Lease } from '../held-lease.ts';

/** Who looks at their Home tab, what they clicked there, and what it shows. Shared by all bots. Times are ms UTC. */
export interface Homes {
  /** Redis time. */
  readonly now: () => Promise<number>;
  /** Somebody looks at it now: for some time it is kept up to date. */
  readonly opened: (user: string) => Promise<void>;
  /** Whose is kept up to date, whoever opened it last first. */
  readonly fresh: () => Promise<readonly string[]>;
  readonly clicked: (user: string, click: HomeClick) => Promise<void>;
  /** Oldest first; forgotten after some time. */
  readonly clicks: (user: string) => Promise<readonly HomeClick[]>;
  /** Hash of what it shows; null if nobody knows. */
  readonly shown: (user: string) => Promise<string | null>;
  readonly keepShown: (user: string, hash: string) => Promise<void>;
  /** One bot at a time writes it; null if another one does. */
  readonly lease: (user: string, forMs: number) => Promise<Lease | null>;
}
