import type { Kill } from '../../core/kill/kill.ts';
import { digestDue, ofTheDay, type Undecided } from '../../core/talk/digest.ts';
import type { MaySee } from '../../core/talk/readers.ts';
import { undecided } from '../../core/talk/pod-history.ts';
import type { Store } from '../needs.ts';
import type { Channels } from './channels.ts';
import type { ChannelQueues } from './channel-queues.ts';
import { mayHaveHappened } from './chat-failure.ts';

export interface DigestNeeds {
  readonly stores: () => Promise<readonly Pick<Store, 'suspects' | 'ignored'>[]>;
  readonly channels: Pick<Channels, 'of' | 'maySee'>;
  readonly queues: Pick<ChannelQueues, 'run'>;
  /** True for the first of all bots that asks for this channel and hour. */
  readonly claim: (channel: string, slot: number) => Promise<boolean>;
  readonly giveBack: (channel: string, slot: number) => Promise<void>;
  readonly post: (channel: string, suspects: readonly Undecided[]) => Promise<void>;
}

/**
 * Once a day, posts the suspects that stayed undecided, one message in each channel that they belong to; none if there
 * are none. `now` is ms UTC, `atMs` ms after midnight UTC. A message that may have been sent is not sent again.
 * @throws Failure
 */
export async function sendDigests(now: number, atMs: number, needs: DigestNeeds): Promise<void> {
  const slot = digestDue(now, atMs);
  if (slot === null) return;
  const stores = await needs.stores();
  const found = await Promise.all(
    stores.map(async (store) => {
      const [suspects, ignored] = await Promise.all([store.suspects(), store.ignored()]);
      return undecided(suspects, new Set(ignored.map(({ fingerprint }) => fingerprint)));
    }),
  );
  const { of, maySee } = needs.channels;
  // Where a channel cannot be found, another one that not everybody may read about it in takes its place.
  const seeIn = (kill: Kill): MaySee['see'] => maySee(kill, { channel: of(kill), only: null }).see;
  const shown = ofTheDay(found.flat(), slot)
    .filter(({ kill }) => seeIn(kill) !== 'nothing')
    .map(({ kill, why }) => ({ kill, why: seeIn(kill) === 'all' ? why : 'why is not shown here' }));
  const byChannel = Map.groupBy(shown, ({ kill }) => of(kill));
  await Promise.all([...byChannel].map(async ([channel, suspects]) => send(channel, slot, suspects, needs)));
}

async function send(
  channel: string,
  slot: number,
  suspects: readonly Undecided[],
  { queues, claim, giveBack, post }: DigestNeeds,
): Promise<void> {
  if (!(await claim(channel, slot))) return;
  try {
    await queues.run(channel, 'reply', async (mustHold) => {
      mustHold();
      await post(channel, suspects);
    });
  } catch (failure) {
    if (!mayHaveHappened(failure)) await giveBack(channel, slot);
    throw failure;
  }
}
