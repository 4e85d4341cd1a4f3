import type { types } from '@slack/bolt';
import { plainText } from './escape.ts';
import { fit } from './fit.ts';

export interface Column {
  readonly name: string;
  readonly align?: 'left' | 'right';
}

/** Slack takes 100 rows and 20 columns, and 10 000 characters in all; 16 rows of 9 cells are within that. */
const longestCell = 64;
const mostRows = 60;
const mostColumns = 9;
const longestTable = 9_500;

/**
 * A table with a row of names above it. Cells are plain text, in which nothing is formatted, linked or mentioned; rows
 * that would make it too long for Slack are left out.
 */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): types.TableBlock {
  const shown = columns.slice(0, mostColumns);
  const all = [shown.map(({ name }) => name), ...rows.slice(0, mostRows)].map((row) =>
    shown.map((_, at) => cell(row[at] ?? '')),
  );
  let length = 0;
  const fitted = all.filter((row) => {
    length += row.reduce((sum, { text }) => sum + text.length, 0);
    return length <= longestTable;
  });
  return {
    type: 'table',
    rows: fitted,
    column_settings: shown.map(({ align }) => ({ align: align ?? 'left', is_wrapped: true })),
  };
}

/** An empty cell is refused. */
function cell(text: string): types.RawTextElement {
  const shown = plainText(text).replaceAll(/\s+/g, ' ').trim();
  return { type: 'raw_text', text: shown === '' ? '–' : fit(shown, longestCell) };
}
