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

/** A sample of a message. */
export function sampleOf(
  name: string,
  kind: Message['kind'],
  { text, blocks, classic }: Pick<Message, 'text' | 'blocks' | 'classic'>,
): Message {
  return { name, kind, text, blocks, ...(classic === undefined ? {} : { classic }) };
}
