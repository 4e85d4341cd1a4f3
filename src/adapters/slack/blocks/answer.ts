import type { types } from '@slack/bolt';
import { section, withoutFormat } from './elements.ts';
import { withPeople } from './escape.ts';
import { fit, fitBlocks, limits } from './fit.ts';

/** What only one person sees, in answer to a click or a command. */
export interface Answer {
  readonly text: string;
  readonly blocks: types.KnownBlock[];
  /** The same in classic blocks, if `blocks` has newer ones that not every Slack plan supports. */
  readonly classic?: types.KnownBlock[];
}

/** A sentence of ours; `{0}` … stand for `people`. */
export function renderSentence(text: string, people: readonly string[] = []): Answer {
  const escaped = withPeople(text, people);
  return { text: fit(escaped, limits.text), blocks: [section(escaped)] };
}

/** An answer from blocks and the lines that say the same; `lines` are mrkdwn, escaped. */
export function answerOf(blocks: readonly types.KnownBlock[], lines: readonly string[]): Answer {
  return { text: fit(withoutFormat(lines.join('\n')), limits.text), blocks: fitBlocks(blocks) };
}

export interface TableAnswer {
  /** All mrkdwn, escaped. */
  readonly title: string;
  readonly table: types.TableBlock;
  /** The rows of the table as lines: for screen readers, and where tables are not supported. */
  readonly lines: readonly string[];
  /** Below the table. */
  readonly notes: readonly types.KnownBlock[];
  readonly noteLines: readonly string[];
}

/** Lines that share a section where there are no tables. */
const linesTogether = 5;

/** An answer whose middle is a table, and the same without one. */
export function tableAnswer({ title, table, lines, notes, noteLines }: TableAnswer): Answer {
  const rows = Array.from({ length: Math.ceil(lines.length / linesTogether) }, (_, at) =>
    section(lines.slice(at * linesTogether, (at + 1) * linesTogether).join('\n')),
  );
  return {
    ...answerOf([section(title), table, ...notes], [title, ...lines, ...noteLines]),
    classic: fitBlocks([section(title), ...rows, ...notes]),
  };
}
