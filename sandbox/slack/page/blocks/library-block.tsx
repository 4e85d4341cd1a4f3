import { Component, type ReactNode } from 'react';
import { Message, type Block } from 'slack-blocks-to-jsx';
import { usePage } from '../scope.ts';
import type { AnyBlock } from '../workspace.ts';
import { Fallback } from './fallback.tsx';

interface Props {
  readonly block: AnyBlock;
}

const isKnown = (block: AnyBlock): block is AnyBlock & Block => block.type === 'rich_text';

const Drawn = ({ block }: Props): ReactNode => {
  const { theme } = usePage();
  return isKnown(block) && <Message withoutWrapper blocks={[block]} name="" logo="" theme={theme} />;
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

/** Rich text, drawn by slack-blocks-to-jsx without its frame; shown as what it is where that fails. */
export const LibraryBlock = ({ block }: Props): ReactNode => <Boundary key={JSON.stringify(block)} block={block} />;
