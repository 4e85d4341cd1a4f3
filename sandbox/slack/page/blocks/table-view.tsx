import type { ReactNode } from 'react';
import type { TableBlock } from './shapes.ts';

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
            {header.map(({ text }, column) => (
              <th key={column} scope="col" className={side(column)}>
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.map((row, place) => (
            <tr key={place}>
              {row.map(({ text }, column) => (
                <td key={column} className={side(column)}>
                  {text}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
};
