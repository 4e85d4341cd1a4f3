import type { types } from '@slack/bolt';
import { plainText } from './escape.ts';
import { fit } from './fit.ts';

export interface Column {
  readonly name: string;
  readonly align?: 'left' | 'right';
}

/** Plain text, or a text that is a link. */
export type Cell = string | { readonly text: string; readonly url: string };

/** Slack takes 100 rows and 20 columns, and 10 000 characters in all; 16 rows of 9 cells are within that. */
const longestCell = 64;
const mostRows = 60;
const mostColumns = 9;
const longestTable = 9_500;

/**
 * A table with a row of names above it. Cells are plain text, in which nothing is formatted or mentioned and only what
 * says so is linked; rows that would make it too long for Slack are left out.
 */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): types.TableBlock {
  const shown = columns.slice(0, mostColumns);
  const all = [shown.map(({ name }) => name), ...rows.slice(0, mostRows)].map((row) =>
    shown.map((_, at) => row[at] ?? ''),
  );
  let length = 0;
  const fitted = all.filter((row) => {
    length += row.reduce((sum, cell) => sum + shownText(textOf(cell)).length, 0);
    return length <= longestTable;
  });
  return {
    type: 'table',
    rows: fitted.map((row) => row.map(element)),
    column_settings: shown.map(({ align }) => ({ align: align ?? 'left', is_wrapped: true })),
  };
}

function element(cell: Cell): types.RawTextElement | types.RichTextBlock {
  const text = shownText(textOf(cell));
  if (typeof cell === 'string') return { type: 'raw_text', text };
  const link = { type: 'link' as const, url: cell.url, text };
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [link] }] };
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

/** An empty cell is refused. */
function shownText(text: string): string {
  const shown = plainText(text).replaceAll(/\s+/g, ' ').trim();
  return shown === '' ? '–' : fit(shown, longestCell);
}
