import type { Middleware, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { Failure } from '../../../core/failure.ts';
import { judgeValue } from '../../../core/recommend/judge-value.ts';
import { createRecent } from '../../../core/units/recent.ts';
import type { Notice } from '../../../core/talk/what-happened.ts';
import { inTime } from '../../in-time.ts';
import { type ButtonValue, decodeButtonValue } from '../blocks/button-value.ts';
import { limitInput } from '../blocks/edit-value.ts';
import { plainText } from '../blocks/escape.ts';
import type { ListenerDeps } from './deps.ts';
import { editable, UNREAD_STORE } from './editable.ts';
import { record, UNREADABLE } from './record-click.ts';
import { cut } from '../../../core/units/text-bounds.ts';

const LATE =
  'This took too long, so I do not know whether it was recorded. Please submit it again; it is recorded only once.';
/** Slack waits 3 s for the acknowledgement of a submission, the way there and back included. */
const answerMs = 2_000;
const remembered = 200;
const longestProblem = 2000;

/**
 * The value is checked again before it is recorded; errors are shown beside the input. Each delivery of one submission
 * gets the same answer: the effect of the first must not make the second fail.
 */
export function onSubmittedValue(deps: ListenerDeps): Middleware<SlackViewMiddlewareArgs<ViewSubmitAction>> {
  const answers = createRecent<Promise<string | null>>(remembered);

  return async ({ ack, body, view }) => {
    const about = decodeButtonValue(view.private_metadata);
    const typed = view.state.values[limitInput]?.[limitInput]?.value ?? '';
    const answer =
      answers.get(body.trigger_id) ??
      (about === null
        ? Promise.resolve(UNREADABLE)
        : inTime(submit(deps, about, { typed, user: body.user.id, view: view.id }), answerMs, () => LATE));
    answers.set(body.trigger_id, answer);
    const problem = await answer;
    if (problem === null) await ack();
    else await ack({ response_action: 'errors', errors: { [limitInput]: cut(problem, longestProblem) } });
  };
}

interface Submission {
  readonly typed: string;
  readonly user: string;
  readonly view: string;
}

/** Null when it is recorded, else why not. */
async function submit(
  deps: ListenerDeps,
  about: ButtonValue,
  { typed, user, view }: Submission,
): Promise<string | null> {
  try {
    const found = await editable(deps, about);
    if ('problem' in found) return plainSentence(found.problem);
    const judged = judgeValue(typed, found.bounds);
    if (!judged.ok) return plainText(judged.text);
    const key = [view, typed].join('\n');
    const told = await record(deps, { about, user, action: 'edit', key, value: typed.trim() });
    return told === null ? null : plainSentence(told);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    deps.log.error({ error: failure, incident: about.incident }, 'value not recorded');
    return UNREAD_STORE;
  }
}

/** Errors beside an input are plain text, which mentions nobody. */
function plainSentence({ text }: Notice): string {
  return plainText(text.replace(/^\{\d\}/, 'Somebody').replaceAll(/\{\d\}/g, 'somebody'));
}
