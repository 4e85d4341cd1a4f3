import type { Middleware, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { Failure } from '../../../core/failure.ts';
import type { Notice } from '../../../core/talk/what-happened.ts';
import { createRecent } from '../../../core/units/recent.ts';
import { cut } from '../../../core/units/text-bounds.ts';
import { inTime } from '../../in-time.ts';
import { plainText } from '../blocks/escape.ts';
import { inTimeFromNow } from '../blocks/readers-time.ts';
import type { ListenerDeps } from './deps.ts';
import { UNREAD_STORE } from './editable.ts';

const LATE =
  'This took too long, so I do not know whether it was recorded. Please submit it again; it is recorded only once.';
/** Slack waits 3 s for the acknowledgement of a submission, the way there and back included. */
const answerMs = 2_000;
const remembered = 200;
const longestProblem = 2000;

type Submitted = Pick<SlackViewMiddlewareArgs<ViewSubmitAction>, 'body' | 'view'>;

/**
 * Answers a submitted dialog: it closes when `submit` resolves with null, else the problem is shown beside the input. Each
 * delivery of one submission gets the same answer: the effect of the first must not make the second fail.
 */
export function answerSubmission(
  deps: ListenerDeps,
  input: string,
  submit: (submitted: Submitted) => Promise<string | null>,
): Middleware<SlackViewMiddlewareArgs<ViewSubmitAction>> {
  const answers = createRecent<Promise<string | null>>(remembered);

  return async ({ ack, body, view }) => {
    const answer = answers.get(body.trigger_id) ?? inTime(guarded(deps, submit({ body, view })), answerMs, () => LATE);
    answers.set(body.trigger_id, answer);
    const problem = await answer;
    if (problem === null) await ack();
    else await ack({ response_action: 'errors', errors: { [input]: cut(problem, longestProblem) } });
  };
}

async function guarded(deps: ListenerDeps, submission: Promise<string | null>): Promise<string | null> {
  try {
    return await submission;
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    deps.log.error({ error: failure }, 'submission not recorded');
    return UNREAD_STORE;
  }
}

/** Errors beside an input are plain text, which mentions nobody and shows no time in the reader's zone. */
export function plainSentence({ text }: Notice, { now }: Pick<ListenerDeps, 'now'>): string {
  const named = text.replace(/^\{\d\}/, 'A colleague').replaceAll(/\{\d\}/g, 'a colleague');
  return plainText(inTimeFromNow(named, now()));
}
