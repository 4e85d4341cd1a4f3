import type { ChannelQueues } from '../flow/show/channel-queues.ts';
import type { Chat } from '../flow/show/needs.ts';
import type { Trace } from '../core/trace.ts';
import type { Tracing } from '../adapters/telemetry/tracing/tracing.ts';

/** Calls of the chat as parts of the work that they are made for. `server` is the name of its host. */
export function tracedChat(chat: Chat, server: string, trace: Trace): Chat {
  const call = <T>(name: string, work: () => Promise<T>): Promise<T> =>
    trace({ name, kind: 'client', attributes: { 'server.address': server } }, work);
  return {
    ...chat,
    post: (to, content) =>
      call(to.only === null ? 'chat.postMessage' : 'chat.postEphemeral', () => chat.post(to, content)),
    edit: (place, content) => call('chat.update', () => chat.edit(place, content)),
    prepare: (line, series) => call('files.upload', () => chat.prepare(line, series)),
  };
}

/** A call is made in the turn of its channel, by whoever drives the queue then; it is part of the work that asked for it. */
export function tracedQueues(queues: ChannelQueues, { bind }: Tracing): ChannelQueues {
  return { ...queues, run: (channel, kind, call, leave) => queues.run(channel, kind, bind(call), leave) };
}
