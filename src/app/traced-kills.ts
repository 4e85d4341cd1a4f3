import type { Kill } from '../core/kill/kill.ts';
import type { Trigger } from '../core/kill/trigger.ts';
import type { Trace } from '../core/trace.ts';

/** By the semantic conventions for messaging; BullMQ has no well-known name there. */
const messaging = (operation: 'send' | 'process') => ({
  'messaging.system': 'bullmq',
  'messaging.destination.name': 'kills',
  'messaging.operation.type': operation,
  'messaging.operation.name': operation,
});

interface Taken {
  readonly is: string;
  readonly incident?: string;
}

/** Queues what was found, by `add`, with the context of its trace; that begins when the line was read. */
export function tracedEmit(trace: Trace, add: (trigger: Trigger) => Promise<void>) {
  return (trigger: Trigger): Promise<void> =>
    trace({ name: 'watch', of: trigger, startedAt: trigger.seenAt }, () =>
      trace({ name: 'send kills', kind: 'producer', attributes: messaging('send') }, (span) =>
        add(span.carriedBy(trigger)),
      ),
    );
}

/** Takes a job of the queue: `take` stores the trigger as it is given it. */
export function tracedJob<A extends Taken>(
  trace: Trace,
  trigger: Trigger,
  take: (trigger: Trigger) => Promise<A>,
): Promise<A> {
  const work = { name: 'process kills', kind: 'consumer', of: trigger, attributes: messaging('process') } as const;
  return noted(trace, work, take, trigger);
}

/** Admits a kill that only a counter tells of. */
export function tracedCount<A extends Taken>(trace: Trace, kill: Kill, admit: (kill: Kill) => Promise<A>): Promise<A> {
  return noted(trace, { name: 'count', of: kill, startedAt: kill.seenAt }, admit, kill);
}

function noted<T extends Trigger, A extends Taken>(
  trace: Trace,
  work: Parameters<Trace>[0],
  take: (trigger: T) => Promise<A>,
  trigger: T,
): Promise<A> {
  return trace(work, async (span) => {
    const taken = await take(span.carriedBy(trigger));
    span.note({
      'oomkeeper.admission': taken.is,
      ...(taken.incident === undefined ? {} : { 'oomkeeper.incident': taken.incident }),
    });
    return taken;
  });
}
