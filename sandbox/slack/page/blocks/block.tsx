import type { ReactNode } from 'react';
import { ButtonElement } from '../elements/button.tsx';
import { OverflowElement } from '../elements/overflow.tsx';
import { SelectElement } from '../elements/select.tsx';
import { BlockIdContext, usePage } from '../scope.ts';
import { Text } from '../text/text.tsx';
import type { AnyBlock } from '../workspace.ts';
import { Fallback } from './fallback.tsx';
import { InputView } from './input-view.tsx';
import { LibraryBlock } from './library-block.tsx';
import { blockShape, elementShape, type AnyElement, type TextObject } from './shapes.ts';
import { TableView } from './table-view.tsx';

const ElementView = ({ element }: { readonly element: AnyElement }): ReactNode => {
  const { data } = elementShape.safeParse(element);
  if (data === undefined) return <Fallback what="element" type={element.type} content={element} />;
  if (data.type === 'button') return <ButtonElement button={data} />;
  return data.type === 'overflow' ? <OverflowElement overflow={data} /> : <SelectElement select={data} />;
};

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

/** A picture that was uploaded before. */
const Picture = ({ id, alt }: { readonly id: string; readonly alt: string }): ReactNode => {
  const file = usePage().files.get(id);
  if (file === undefined) return <span className="missing-file">{alt} (the file is gone)</span>;
  return (
    <figure className="picture">
      <img src={file.url} alt={alt} />
    </figure>
  );
};

const Drawn = ({ block }: { readonly block: AnyBlock }): ReactNode => {
  if (block.type === 'rich_text') return <LibraryBlock block={block} />;
  const { data } = blockShape.safeParse(block);
  switch (data?.type) {
    case undefined:
      return <Fallback what="block" type={block.type} content={block} />;
    case 'section':
      return <Section {...data} />;
    case 'header':
      return <h3 className="block-header">{data.text.text}</h3>;
    case 'divider':
      return <hr className="divider" />;
    case 'actions':
      return (
        <div className="actions">
          {data.elements.map((element, place) => (
            <ElementView key={place} element={element} />
          ))}
        </div>
      );
    case 'context':
      return (
        <div className="context">
          {data.elements.map((element, place) => (
            <Text key={place} of={element} />
          ))}
        </div>
      );
    case 'image':
      return <Picture id={data.slack_file.id} alt={data.alt_text} />;
    case 'input':
      return <InputView block={data} />;
    case 'table':
      return <TableView {...data} />;
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
