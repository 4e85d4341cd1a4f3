import type { ReactNode } from 'react';
import { ElementView } from '../elements/element.tsx';
import { BlockIdContext } from '../scope.ts';
import { Plain, Text } from '../text/text.tsx';
import type { AnyBlock } from '../workspace.ts';
import { Fallback } from './fallback.tsx';
import { InputView } from './input-view.tsx';
import { isLibraryBlock, LibraryBlock } from './library-block.tsx';
import { ImageView, Picture } from './picture.tsx';
import { blockShape, type AnyElement, type Image, type TextObject } from './shapes.ts';
import { TableView } from './tables.tsx';

interface SectionProps {
  readonly text?: TextObject | undefined;
  readonly fields: readonly TextObject[];
  readonly accessory?: AnyElement | undefined;
}

const Section = ({ text, fields, accessory }: SectionProps): ReactNode => (
  <div className="section">
    <div className="section-body">
      {text && <Text of={text} />}
      {fields.length > 0 && (
        <div className="fields">
          {fields.map((field, place) => (
            <div key={place} className="field">
              <Text of={field} />
            </div>
          ))}
        </div>
      )}
    </div>
    {accessory && (
      <div className="accessory">
        <ElementView element={accessory} />
      </div>
    )}
  </div>
);

const Actions = ({ elements }: { readonly elements: readonly AnyElement[] }): ReactNode => (
  <div className="actions">
    {elements.map((element, place) => (
      <ElementView key={typeof element['action_id'] === 'string' ? element['action_id'] : place} element={element} />
    ))}
  </div>
);

const Context = ({ elements }: { readonly elements: readonly (TextObject | Image)[] }): ReactNode => (
  <div className="context">
    {elements.map((element, place) =>
      element.type === 'image' ? (
        <ImageView key={place} className="context-image" image={element} />
      ) : (
        <div key={place} className="context-text">
          <Text of={element} />
        </div>
      ),
    )}
  </div>
);

const Drawn = ({ block }: { readonly block: AnyBlock }): ReactNode => {
  if (isLibraryBlock(block)) return <LibraryBlock block={block} />;
  const parsed = blockShape.safeParse(block);
  if (!parsed.success) return <Fallback what="block" type={block.type} content={block} />;
  switch (parsed.data.type) {
    case 'section':
      return <Section {...parsed.data} />;
    case 'actions':
    case 'context_actions':
      return <Actions elements={parsed.data.elements} />;
    case 'context':
      return <Context elements={parsed.data.elements} />;
    case 'header':
      return (
        <h3 className="block-header">
          <Plain text={parsed.data.text.text} />
        </h3>
      );
    case 'divider':
      return <hr className="block-divider" />;
    case 'image':
      return <Picture image={parsed.data} />;
    case 'input':
      return <InputView block={parsed.data} />;
    case 'table':
      return <TableView rows={parsed.data.rows} columns={parsed.data.column_settings} />;
    case 'data_table':
      return <TableView caption={parsed.data.caption} rows={parsed.data.rows} />;
  }
};

/** One Block Kit block. */
export const BlockView = ({ block }: { readonly block: AnyBlock }): ReactNode => (
  <BlockIdContext value={block.block_id}>
    <div className="block">
      <Drawn block={block} />
    </div>
  </BlockIdContext>
);
