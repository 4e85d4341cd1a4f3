import type { AnyMiddlewareArgs, Middleware } from '@slack/bolt';
import { createRecent } from '../../core/units/recent.ts';

const REMEMBERED = 2000;

/**
 * Slack repeats deliveries that it is not sure about; a repeated click or command is only acknowledged. Repetitions
 * that reach another process are caught by the request's id in the store.
 */
export function onceEach(): Middleware<AnyMiddlewareArgs> {
  const seen = createRecent<true>(REMEMBERED);
  return async (args) => {
    const key = deliveryKey(args.body);
    if (key === null || seen.get(key) === undefined) {
      if (key !== null) seen.set(key, true);
      await args.next();
      return;
    }
    if ('ack' in args && typeof args.ack === 'function') await args.ack();
  };
}

/**
 * One use of a button or command has one `trigger_id`; events have an `event_id`. Null for a submission: an empty
 * acknowledgement would close the dialog that the first delivery's answer keeps open, so its listener handles
 * repetitions.
 */
function deliveryKey(body: object): string | null {
  if ('type' in body && body.type === 'view_submission') return null;
  if ('trigger_id' in body && typeof body.trigger_id === 'string') return body.trigger_id;
  if ('event_id' in body && typeof body.event_id === 'string') return body.event_id;
  return null;
}
