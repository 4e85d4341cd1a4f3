import type { KillSwitch } from '../../core/approve/pause-change.ts';
import { hourMs } from '../../core/units/duration.ts';
import type { PausesTold, PauseTold, Store } from '../needs.ts';
import { whyClosed } from './chat-failure.ts';
import type { StormShowNeeds } from './needs.ts';
import { createRetries } from './retries.ts';
import { type Message, sendOnce } from './send-once.ts';

export interface PausedCluster {
  readonly name: string;
  readonly store: Pick<Store, 'killSwitch'>;
  readonly pausesTold: PausesTold;
}

export type TellPauseNeeds = Pick<StormShowNeeds, 'chat' | 'queues' | 'now' | 'settings' | 'trouble'> & {
  readonly channels: { readonly ofCluster: (cluster: string) => readonly string[] };
};

/** A channel that is new to a cluster need not hear of a pause that has been over for longer. */
const newsMs = hourMs;

/**
 * Tells every channel of a cluster of the latest change of its kill switch, each once (send-once.ts). Called again and
 * again: what is stored says what is missing. @throws Failure of Redis
 */
export function createTellPause(needs: TellPauseNeeds): (cluster: PausedCluster) => Promise<void> {
  const retries = createRetries(needs.now, needs.settings);
  const resting = new Map<string, number>();

  const tell = async (cluster: PausedCluster, channel: string, killSwitch: KillSwitch): Promise<void> => {
    const { changes, last, pause } = killSwitch;
    const { pausesTold: kept, name } = cluster;
    const id = `${name}/${channel}`;
    const at = await needs.now();
    if ((await kept.read(channel)).told >= changes || at < (resting.get(id) ?? 0)) return;
    const recorded: Message<PauseTold>['recorded'] = (told) =>
      told.told >= changes ? told : { ...told, claims: {}, told: changes };
    if (last === null || (pause === null && at - last.at > newsMs)) {
      await kept.write(channel, recorded(await kept.read(channel), null, true));
      return;
    }
    const trouble = (failure: unknown): void => needs.trouble(failure, { cluster: name, channel });
    const message: Message<PauseTold> = {
      name: `change-${changes}`,
      to: { channel, below: null, only: null },
      content: { of: 'pause', cluster: name, change: last },
      placeIn: () => null,
      recorded,
      canBeLeftOut: true,
    };
    const keeping = {
      read: async () => kept.read(channel),
      write: async (told: PauseTold) => kept.write(channel, told),
    };
    try {
      const wait = await needs.queues.run(channel, 'reply', async (mustHold) => {
        const told = await kept.read(channel);
        if (told.told >= changes) return null;
        return sendOnce(told, message, { keeping, at: await needs.now() }, { ...needs, mustHold, trouble });
      });
      retries.succeeded({ id, channel });
      if (wait !== null) resting.set(id, wait.until);
    } catch (failure) {
      resting.set(id, await retries.next({ id, channel }, failure, () => trouble(failure)));
      if (whyClosed(failure) !== null) await kept.write(channel, recorded(await kept.read(channel), null, true));
    }
  };

  const telling = new Set<string>();
  return async (cluster) => {
    const { name, store } = cluster;
    if (telling.has(name)) return;
    telling.add(name);
    try {
      const killSwitch = await store.killSwitch();
      if (killSwitch.changes === 0) return;
      const channels = needs.channels.ofCluster(name);
      await Promise.all(channels.map(async (channel) => tell(cluster, channel, killSwitch)));
    } finally {
      telling.delete(name);
    }
  };
}
