import type { types } from '@slack/bolt';
import { section, withoutFormat } from './elements.ts';
import { withPeople } from './escape.ts';
import { fit, fitBlocks, limits } from './fit.ts';

/** What only one person sees, in answer to a click or a command. */
export interface Answer {
  readonly text: string;
  readonly blocks: types.KnownBlock[];
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
