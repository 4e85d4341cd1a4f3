import type { Middleware, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { judgeValue } from '../../../core/recommend/judge-value.ts';
import { decodeButtonValue } from '../blocks/button-value.ts';
import { limitInput } from '../blocks/edit-value.ts';
import { plainText } from '../blocks/escape.ts';
import type { ListenerDeps } from './deps.ts';
import { editable } from './editable.ts';
import { record, UNREADABLE } from './record-click.ts';
import { answerSubmission, plainSentence } from './submission.ts';

/** The value is checked again before it is recorded; errors are shown beside the input. */
export function onSubmittedValue(deps: ListenerDeps): Middleware<SlackViewMiddlewareArgs<ViewSubmitAction>> {
  return answerSubmission(deps, limitInput, async ({ body, view }) => {
    const about = decodeButtonValue(view.private_metadata);
    if (about === null) return UNREADABLE;
    const typed = view.state.values[limitInput]?.[limitInput]?.value ?? '';
    const found = await editable(deps, about);
    if ('problem' in found) return plainSentence(found.problem, deps);
    const judged = judgeValue(typed, found.bounds);
    if (!judged.ok) return plainText(judged.text);
    const key = [view.id, typed].join('\n');
    const told = await record(deps, { about, user: body.user.id, action: 'edit', key, value: typed.trim() });
    return told === null ? null : plainSentence(told, deps);
  });
}
