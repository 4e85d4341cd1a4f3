import { digestDue, isWeekly } from '../../core/digest/digest-time.ts';
import { type Digest, digestOf } from '../../core/digest/digest.ts';
import { dayMs } from '../../core/units/duration.ts';
import { type Message, sendOnce } from '../show/send-once.ts';
import { type Collected, collectDigests } from './collect-digests.ts';
import type { DigestNeeds, SentDigest } from './needs.ts';

/** The week's report. */
const reportMs = 7 * dayMs;

interface Due {
  readonly channel: string;
  readonly slot: number;
  readonly isWeekly: boolean;
}

/**
 * Sends the digests whose hour has come, one message in each channel that there is something to say in; exactly once,
 * whatever happens to bots meanwhile (send-once.ts). Call it about once a minute. @throws the first Failure, after each
 * channel had its turn
 */
export async function sendDigests(needs: DigestNeeds): Promise<void> {
  const due = await dueNow(needs);
  if (due.length === 0) return;
  const collected = await collectDigests(needs, Math.min(...due.map(({ slot }) => slot)) - reportMs);
  const done = await Promise.allSettled(due.map(async (one) => sendOne(one, collected, needs)));
  const failed = done.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

async function dueNow({ channels, timeOf, digests, now }: DigestNeeds): Promise<readonly Due[]> {
  const at = await now();
  const due = await Promise.all(
    channels.all.map(async (channel) => {
      const time = timeOf(channel);
      const slot = time.at === null ? null : digestDue(at, time.at);
      if (slot === null || (await digests.read(channel, slot)).sent) return [];
      return [{ channel, slot, isWeekly: isWeekly(slot, time) }];
    }),
  );
  return due.flat();
}

/** What is to be said is decided at the hour: later news waits for the next day. */
async function sendOne(
  { channel, slot, isWeekly: weekly }: Due,
  collected: Collected,
  needs: DigestNeeds,
): Promise<void> {
  const { digests, chat, queues, now, settings, trouble } = needs;
  const digest = digestOf({
    slot,
    open: collected.open.get(channel) ?? [],
    results: (collected.results.get(channel) ?? []).filter(({ at }) => at > slot - reportMs),
    undecided: collected.undecided.get(channel) ?? [],
    isWeekly: weekly,
  });
  if (digest === null) {
    await digests.write(channel, slot, { ...(await digests.read(channel, slot)), sent: true });
    return;
  }
  await queues.run(channel, 'reply', async (mustHold) => {
    const document = await digests.read(channel, slot);
    if (document.sent) return;
    const keeping = {
      read: async () => digests.read(channel, slot),
      write: async (next: SentDigest) => digests.write(channel, slot, next),
    };
    await sendOnce(
      document,
      messageOf(channel, digest),
      { keeping, at: await now() },
      { chat, now, settings, mustHold, trouble: (failure) => trouble(failure, channel) },
    );
  });
}

function messageOf(channel: string, digest: Digest): Message<SentDigest> {
  return {
    name: 'digest',
    to: { channel, below: null, only: null },
    content: { of: 'digest', digest },
    placeIn: () => null,
    recorded: (document) => (document.sent ? document : { ...document, sent: true }),
    canBeLeftOut: true,
  };
}
