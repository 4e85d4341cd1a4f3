import { z } from 'zod';
import type { World } from '../../sandbox/world.ts';

const rootSchema = z.looseObject({
  event_type: z.literal('oomkeeper_incident'),
  event_payload: z.looseObject({ subject: z.string(), verdict: z.string() }),
});

/** The first message about a workload, by the pretend Slack's own log. */
export interface FirstMessage {
  readonly channel: string;
  readonly ts: string;
  /** Monotonic ms at which Slack took it. */
  readonly acceptedAt: number;
}

export interface FirstMessages {
  /** Null until it was posted. */
  readonly about: (workload: string) => FirstMessage | null;
}

/** Reads the log of messages as it grows, each entry once. */
export function readFirstMessages({ slack }: World): FirstMessages {
  const found = new Map<string, FirstMessage>();
  let read = 0;
  return {
    about: (workload) => {
      const log = slack.messageLog();
      for (const { channel, ts, acceptedAt, metadata } of log.slice(read)) {
        const [, , , name] = rootSchema.safeParse(metadata).data?.event_payload.subject.split('/') ?? [];
        if (name !== undefined && !found.has(name)) found.set(name, { channel, ts, acceptedAt });
      }
      read = log.length;
      return found.get(workload) ?? null;
    },
  };
}

/** Monotonic ms, by the same clock, at which the line with the first kill of a workload left the pretend API server. */
export function killWrittenAt({ api }: World, workload: string): number {
  const line = api
    .watchLog()
    .find(({ name, containerIds }) => name.startsWith(`${workload}-`) && containerIds.length > 0);
  if (line === undefined) throw new Error(`no line with a kill of ${workload} was written`);
  return line.at;
}

/** Whether a thread says why: in its first message and below it. */
export function isExplained({ slack }: World, { channel, ts }: FirstMessage): boolean {
  const root = rootSchema.safeParse(slack.store.find(channel, ts)?.metadata);
  return root.success && root.data.event_payload.verdict !== '' && slack.store.replies(channel, ts).length > 0;
}
