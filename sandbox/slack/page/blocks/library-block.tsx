import { Component, type ReactNode } from 'react';
import { Message, type Block } from 'slack-blocks-to-jsx';
import { Fallback } from './fallback.tsx';
import { usePage } from '../scope.ts';
import { Emoji } from '../text/text.tsx';
import { emojiGlyph } from '../text/emoji.ts';
import type { AnyBlock } from '../workspace.ts';
import { displayName } from '../workspace.ts';

/** Block types that the library draws well and that hold no control (its buttons could not reach the bot). */
const drawn: ReadonlySet<string> = new Set([
  'rich_text',
  'markdown',
  'alert',
  'plan',
  'task_card',
  'data_visualization',
]);

export const isLibraryBlock = (block: AnyBlock): block is AnyBlock & Block => drawn.has(block.type);

/** The library takes the 41 of 09:41:12 for an emoji; a name that isn't one stays the text that it was. */
const drawEmoji = ({ name }: { readonly name: string }): ReactNode => {
  const glyph = emojiGlyph(name);
  return glyph === undefined ? `:${name}:` : <Emoji name={name} glyph={glyph} />;
};
const hooks = { emoji: drawEmoji };

interface Props {
  readonly block: AnyBlock & Block;
}

const Drawn = ({ block }: Props): ReactNode => {
  const { theme, users, channels } = usePage();
  return (
    <Message
      withoutWrapper
      blocks={[block]}
      name=""
      logo=""
      theme={theme}
      data={{
        users: [...users.values()].map((one) => ({ id: one.id, name: displayName(one) })),
        channels: [...channels].map(([id, name]) => ({ id, name })),
      }}
      hooks={hooks}
    />
  );
};

/** NOTE: the library trusts what it is given and throws where a part is missing; React catches that in classes only. */
class Boundary extends Component<Props, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    const { block } = this.props;
    return this.state.failed ? <Fallback what="block" type={block.type} content={block} /> : <Drawn block={block} />;
  }
}

/** A block drawn by slack-blocks-to-jsx, without its frame; shown as what it is where that fails. */
export const LibraryBlock = ({ block }: Props): ReactNode => <Boundary key={JSON.stringify(block)} block={block} />;
