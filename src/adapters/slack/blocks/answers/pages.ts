import type { types } from '@slack/bolt';
import { z } from 'zod';
import type { ButtonId } from '../button-value.ts';
import { limits } from '../fit.ts';

/** Rows of a list that are shown at a time. */
export const pageSize = 10;

/** Some rows of a longer list. */
export interface Page<T> {
  readonly shown: readonly T[];
  /** How many come before and after them. */
  readonly before: number;
  readonly after: number;
}

/** The rows from `from` on; of a list that has become shorter its last ones. */
export function pageOf<T>(all: readonly T[], from: number): Page<T> {
  const last = Math.max(0, Math.ceil(all.length / pageSize) - 1) * pageSize;
  const before = Math.min(Math.max(0, from), last);
  const shown = all.slice(before, before + pageSize);
  return { shown, before, after: all.length - before - shown.length };
}

/** A command, and from which row on its answer is to be shown. */
export interface PageWanted {
  readonly text: string;
  readonly from: number;
}

const wantedSchema = z.strictObject({ t: z.string().max(1_000), f: z.number().int().min(0).max(10_000) });

/** Null if we did not write it. Never throws. */
export function decodePage(value: string | undefined): PageWanted | null {
  if (value === undefined) return null;
  try {
    const parsed = wantedSchema.safeParse(JSON.parse(value));
    return parsed.success ? { text: parsed.data.t, from: parsed.data.f } : null;
  } catch {
    return null;
  }
}

/**
 * The buttons that turn the page. `text` is the command that was answered; null where the answer cannot be edited,
 * because everybody sees it. No block where there is nothing to turn.
 */
export function pageButtons({ before, after }: Page<unknown>, text: string | null): types.ActionsBlock[] {
  if (text === null) return [];
  const buttons = [
    ...(before > 0 ? [pageButton('previous-page', `Previous ${pageSize}`, text, Math.max(0, before - pageSize))] : []),
    ...(after > 0 ? [pageButton('next-page', `Next ${Math.min(pageSize, after)}`, text, before + pageSize)] : []),
  ];
  const fitting = buttons.filter(({ value }) => (value?.length ?? 0) <= limits.buttonValue);
  return fitting.length === 0 ? [] : [{ type: 'actions', elements: fitting }];
}

/** `rows 11 to 20 of 41`; null where all are shown. */
export function pageWords({ shown, before, after }: Page<unknown>): string | null {
  if (before + after === 0) return null;
  return `rows ${before + 1} to ${before + shown.length} of ${before + shown.length + after}`;
}

function pageButton(id: ButtonId, label: string, text: string, from: number): types.Button {
  return {
    type: 'button',
    action_id: id,
    text: { type: 'plain_text', text: label, emoji: false },
    value: JSON.stringify({ t: text, f: from }),
    accessibility_label: `${label} of this list`,
  };
}
