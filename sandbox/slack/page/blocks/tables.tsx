import type { ReactNode } from 'react';
import { Plain } from '../text/text.tsx';
import { isLibraryBlock, LibraryBlock } from './library-block.tsx';
import type { Cell } from './shapes.ts';

const CellView = ({ cell }: { readonly cell: Cell }): ReactNode => {
  if (isLibraryBlock(cell)) return <LibraryBlock block={cell} />;
  return <Plain text={cell.text ?? String(cell.value ?? '')} />;
};

interface Props {
  readonly caption?: string | undefined;
  readonly rows: readonly (readonly Cell[])[];
  /** How each column is set; where nothing is said, numbers stand right and nothing is wrapped. */
  readonly columns?: readonly ({ readonly align?: string | undefined; readonly is_wrapped: boolean } | null)[];
}

/** `table` and `data_table`: the first row is the header in both. */
export const TableView = ({ caption, rows, columns = [] }: Props): ReactNode => {
  const [header = [], ...body] = rows;
  const side = (column: number, cell: Cell): string =>
    `cell-${columns[column]?.align ?? (cell.type === 'raw_number' ? 'right' : 'left')} ${columns[column]?.is_wrapped === true ? 'cell-wrapped' : ''}`;
  return (
    <div className="table-scroll">
      <table className="table">
        {caption !== undefined && <caption>{caption}</caption>}
        <thead>
          <tr>
            {header.map((cell, column) => (
              <th key={column} scope="col" className={side(column, body[0]?.[column] ?? cell)}>
                <CellView cell={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.map((row, place) => (
            <tr key={place}>
              {row.map((cell, column) => (
                <td key={column} className={side(column, cell)}>
                  <CellView cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};
