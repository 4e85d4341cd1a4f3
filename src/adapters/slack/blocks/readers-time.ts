import type { types } from '@slack/bolt';
import { dayMs, minuteMs, roughDuration } from '../../../core/units/duration.ts';
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

/** The same in a dialog. */
export function viewInReadersTime(view: types.ModalView, near: number): types.ModalView {
  return {
    ...view,
    blocks: view.blocks.map((block) => (hasText(block) ? blockInReadersTime(block, near) : block)),
  };
}

/** The same in a message or answer, within Slack's limits. */
export function withReadersTime<M extends { readonly text: string; readonly blocks: types.KnownBlock[] }>(
  message: M,
  near: number,
): M {
  const blocks = fitBlocks(message.blocks.map((block) => blockInReadersTime(block, near)));
  return { ...message, text: fit(inReadersTime(message.text, near), limits.text), blocks };
}

function hasText(block: types.ModalView['blocks'][number]): block is types.SectionBlock | types.ContextBlock {
  return block.type === 'section' || block.type === 'context';
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

/** What a time may stand behind; `at` goes with it. */
const before = /(?:^|\s)(at|since|until) $/;

/**
 * The times in plain text, where Slack writes no times for its readers, as seen from `now` (ms UTC): `at 14:02:11 UTC`
 * becomes `4 min ago`. One without a date is the last such time, or the next one after `until`.
 */
export function inTimeFromNow(text: string, now: number): string {
  const today = new Date(now).toISOString().slice(0, 10);
  let told = '';
  let end = 0;
  for (const { 0: whole, 1: date, 2: time = '', index } of text.matchAll(utc)) {
    const at = Date.parse(`${date ?? today}T${time}Z`);
    if (Number.isNaN(at)) continue;
    const words = text.slice(end, index);
    const word = before.exec(words)?.[1] ?? null;
    told += (word === null ? words : words.slice(0, -`${word} `.length)) + fromNow(word, at - now, date === undefined);
    end = index + whole.length;
  }
  return told + text.slice(end);
}

/** `ms` from now; of a time without a date the day is not known. */
function fromNow(word: string | null, ms: number, isAnyDay: boolean): string {
  const isOtherDay = isAnyDay && (word === 'until' ? ms < -minuteMs : ms > minuteMs);
  const from = isOtherDay ? ms + (word === 'until' ? dayMs : -dayMs) : ms;
  if (from > 0) return word === 'until' ? `for another ${roughDuration(from)}` : `in ${roughDuration(from)}`;
  return `${word === 'since' ? 'since ' : ''}${roughDuration(-from)} ago`;
}
