import type { Loaded } from '../../../../core/incident/incident.ts';
import { type Answer, answerOf } from '../answer.ts';
import { context } from '../elements.ts';
import { renderRoot } from '../root.ts';

/** The link to an incident's thread, or why there is none. */
export type ThreadLink =
  | { readonly is: 'link'; readonly url: string }
  | { readonly is: 'not-posted' }
  | { readonly is: 'no-link' };

/**
 * `/oom show ID`: the incident as its root shows it now, without the buttons, because this message is not edited when
 * things change.
 */
export function renderShow(loaded: Loaded, link: ThreadLink): Answer {
  const root = renderRoot(loaded);
  const blocks = root.blocks
    .filter(({ type }) => type !== 'actions')
    .map((block) => {
      if (block.type !== 'section') return block;
      const { accessory: _menu, ...plain } = block;
      return plain;
    });
  const where = linkWords(link);
  return answerOf([...blocks, context(where.mrkdwn)], [root.text, where.text]);
}

/** Where to read on, as a sentence. */
export function linkWords(link: ThreadLink): { readonly mrkdwn: string; readonly text: string } {
  switch (link.is) {
    case 'link': {
      const safe = /^https?:\/\/[^\s<>|]+$/.test(link.url);
      const mrkdwn = safe ? `<${link.url}|Open its thread>` : 'Slack gives no usable link to its thread.';
      return { mrkdwn, text: safe ? `Its thread: ${link.url}` : mrkdwn };
    }
    case 'not-posted':
      return same('It has no thread of its own yet.');
    case 'no-link':
      return same('Slack gives no link to its thread at the moment.');
  }
}

function same(text: string): { readonly mrkdwn: string; readonly text: string } {
  return { mrkdwn: text, text };
}
