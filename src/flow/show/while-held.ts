import type { Chat } from '../needs.ts';
import type { Lanes } from './lanes.ts';
import type { StormChat } from './needs.ts';

type Held = Pick<Lanes, 'mustHold'>;

/** The same chat; what puts something new into a channel fails with `lane-lost` where the turn took too long. */
export function chatWhileHeld<C extends Pick<Chat, 'postRoot' | 'reply' | 'replyRoot' | 'whisper'>>(
  chat: C,
  { mustHold }: Held,
): C {
  return {
    ...chat,
    postRoot: async (channel, loaded) => {
      mustHold(channel);
      return chat.postRoot(channel, loaded);
    },
    reply: async (root, line, incident) => {
      mustHold(root.channel);
      return chat.reply(root, line, incident);
    },
    replyRoot: async (root, loaded, first) => {
      mustHold(root.channel);
      return chat.replyRoot(root, loaded, first);
    },
    whisper: async (channel, user, line, incident) => {
      mustHold(channel);
      return chat.whisper(channel, user, line, incident);
    },
  };
}

/** The same for storms. */
export function stormChatWhileHeld<C extends Pick<StormChat, 'postStorm' | 'postStormPage' | 'sayStormContinues'>>(
  chat: C,
  { mustHold }: Held,
): C {
  return {
    ...chat,
    postStorm: async (channel, view) => {
      mustHold(channel);
      return chat.postStorm(channel, view);
    },
    postStormPage: async (root, view) => {
      mustHold(root.channel);
      return chat.postStormPage(root, view);
    },
    sayStormContinues: async (root, id) => {
      mustHold(root.channel);
      return chat.sayStormContinues(root, id);
    },
  };
}
