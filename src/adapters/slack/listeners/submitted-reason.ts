import type { Middleware, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { decodeButtonValue } from '../blocks/button-value.ts';
import { reasonInput } from '../blocks/reject.ts';
import { cut } from '../../../core/units/text-bounds.ts';
import type { ListenerDeps } from './deps.ts';
import { answerSubmission, plainSentence } from './submission.ts';
import { record, UNREADABLE } from './record-click.ts';

const longestReason = 300;

/** The reason of a rejection, which may be empty; the worker decides who may reject. */
export function onSubmittedReason(deps: ListenerDeps): Middleware<SlackViewMiddlewareArgs<ViewSubmitAction>> {
  return answerSubmission(deps, reasonInput, async ({ body, view }) => {
    const about = decodeButtonValue(view.private_metadata);
    if (about === null) return UNREADABLE;
    const typed = cut((view.state.values[reasonInput]?.[reasonInput]?.value ?? '').trim(), longestReason);
    const told = await record(deps, { about, user: body.user.id, action: 'reject', key: view.id, value: typed });
    return told === null ? null : plainSentence(told, deps);
  });
}
