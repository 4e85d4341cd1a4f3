import type { ReactNode } from 'react';
import type { Cell, TableBlock } from './shapes.ts';

/** Plain text, or rich text that may have links. */
const CellView = ({ cell }: { readonly cell: Cell }): ReactNode =>
  cell.type === 'raw_text'
    ? cell.text
    : cell.elements
        .flatMap(({ elements }) => elements)
        .map(({ text, url }, place) =>
          url === undefined ? (
            <span key={place}>{text}</span>
          ) : (
            <a key={place} href={url} target="_blank" rel="noreferrer noopener">
              {text ?? url}
            </a>
          ),
        );

/** A table whose first row is the header. */
export const TableView = ({ rows, column_settings: columns }: TableBlock): ReactNode => {
  const [header = [], ...body] = rows;
  const side = (column: number): string =>
    `cell-${columns[column]?.align ?? 'left'} ${columns[column]?.is_wrapped === true ? 'cell-wrapped' : ''}`;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached without a pointer
    <section className="table-scroll" aria-label="Table" tabIndex={0}>
      <table className="table">
        <thead>
          <tr>
            {header.map((cell, column) => (
              <th key={column} scope="col" className={side(column)}>
                <CellView cell={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.map((row, place) => (
            <tr key={place}>
              {row.map((cell, column) => (
                <td key={column} className={side(column)}>
                  <CellView cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
};
