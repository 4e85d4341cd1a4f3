import type { types } from '@slack/bolt';
import { withReadersTime } from '../../src/adapters/slack/blocks/readers-time.ts';
import { killedAt } from '../fixtures/incidents.ts';

interface Message {
  readonly name: string;
  /** A root in a channel, a reply in its thread, what one person sees, or the app's Home tab. */
  readonly kind: 'root' | 'reply' | 'answer' | 'home';
  readonly text: string;
  readonly blocks: readonly object[];
  /** The same for workspaces that do not know the newest blocks. */
  readonly classic?: readonly object[];
}

/** What the product renders for Slack, by name: for the gallery, and for Slack's checks of blocks and views. */
export type Sample = Message | { readonly name: string; readonly kind: 'dialog'; readonly view: object };

export interface Section {
  readonly name: string;
  readonly samples: readonly Sample[];
}

/** A sample of a message, with times as it is sent: in the reader's zone. */
export function sampleOf(
  name: string,
  kind: Message['kind'],
  message: { readonly text: string; readonly blocks: types.KnownBlock[]; readonly classic?: types.KnownBlock[] },
): Message {
  const { text, blocks } = withReadersTime(message, killedAt);
  return { name, kind, text, blocks, ...(message.classic === undefined ? {} : { classic: message.classic }) };
}
