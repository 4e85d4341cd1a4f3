import type { PauseChange } from '../../../core/approve/pause-change.ts';
import { context, section, withoutFormat } from './elements.ts';
import { escapeLine, mention } from './escape.ts';
import { reasonWords } from './pause-line.ts';
import type { Message } from './root.ts';

/** Says in a channel what was done with the kill switch. */
export function renderPauseChange(cluster: string, change: PauseChange): Message {
  const [title, note] = words(escapeLine(cluster), change);
  return {
    text: withoutFormat([title, note].join('\n')),
    blocks: [section(title), context(note)],
    metadata: { event_type: 'oomkeeper_pause', event_payload: { cluster, at: change.at } },
  };
}

function words(cluster: string, { what, by, reason }: PauseChange): readonly [title: string, note: string] {
  const rest =
    'Nothing is approved or applied until an approver says /oom resume. Kills are still posted and explained.';
  switch (what) {
    case 'paused':
      return [
        `:double_vertical_bar: *Changes in ${cluster} are paused* by ${mention(by)}${reasonWords(reason)}.`,
        rest,
      ];
    case 'reason-changed':
      return [
        `:double_vertical_bar: *Changes in ${cluster} are still paused*; ${mention(by)} changed the reason${reasonWords(reason)}.`,
        rest,
      ];
    case 'resumed':
      return [
        `:arrow_forward: *Changes in ${cluster} go on*: ${mention(by)} ended the pause.`,
        'What was approved and has not expired is applied now.',
      ];
  }
}
