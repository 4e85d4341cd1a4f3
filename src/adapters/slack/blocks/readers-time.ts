import type { types } from '@slack/bolt';
import { fit, fitBlocks, limits } from './fit.ts';

/*
 * Texts say times in UTC (core/talk/words.ts). In Slack everybody reads them in their own zone: `<!date^…>` shows the
 * reader's time, and in UTC where a client cannot.
 */

/** `2026-11-24 14:02:11 UTC`, `14:02:11 UTC` or `14:02 UTC`, unless it is in such a mark already. */
const utc = /(?<![|\d:-])(?:(\d{4}-\d\d-\d\d) )?(\d\d:\d\d(?::\d\d)?) UTC\b(?!>)/g;

/** The times in mrkdwn that is escaped already. One without a date is of the UTC day of `near` (ms UTC). */
export function inReadersTime(mrkdwn: string, near: number): string {
  const today = new Date(near).toISOString().slice(0, 10);
  return mrkdwn.replaceAll(utc, (whole, date: string | undefined, time: string) => {
    const at = Date.parse(`${date ?? today}T${time}Z`);
    if (Number.isNaN(at)) return whole;
    const format = (date ?? today) === today ? '{time}' : '{date_short} {time}';
    return `<!date^${Math.floor(at / 1000)}^${format}|${whole}>`;
  });
}

/** The same in a message or answer, within Slack's limits. */
export function withReadersTime<M extends { readonly text: string; readonly blocks: types.KnownBlock[] }>(
  message: M,
  near: number,
): M {
  const blocks = fitBlocks(message.blocks.map((block) => blockInReadersTime(block, near)));
  return { ...message, text: fit(inReadersTime(message.text, near), limits.text), blocks };
}

export function blockInReadersTime(block: types.KnownBlock, near: number): types.KnownBlock {
  if (block.type === 'section') {
    const { text, fields } = block;
    return {
      ...block,
      ...(text === undefined ? {} : { text: elementInReadersTime(text, limits.section, near) }),
      ...(fields === undefined ? {} : { fields: fields.map((one) => elementInReadersTime(one, limits.section, near)) }),
    };
  }
  if (block.type !== 'context') return block;
  const elements = block.elements.map((one) =>
    one.type === 'mrkdwn' ? elementInReadersTime(one, limits.section, near) : one,
  );
  return { ...block, elements };
}

function elementInReadersTime<T extends types.TextObject>(element: T, max: number, near: number): T {
  return element.type === 'mrkdwn' ? { ...element, text: fit(inReadersTime(element.text, near), max) } : element;
}
