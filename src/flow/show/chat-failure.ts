import { Failure } from '../../core/failure.ts';

/*
 * What the codes of a chat's failures mean for what was to be sent. With any other code nothing was sent, and it can be
 * retried.
 *
 *   chat-timeout, chat-server-error                                    it may have been sent: search before the next try
 *   chat-rate-limited                                                  wait as long as the chat asks, and try again
 *   chat-invalid-message, chat-refused                                 it would always be refused: leave it out
 *   chat-archived, chat-not-in-channel, chat-no-such-channel           go on in the fallback channel
 *   chat-message-gone                                                  somebody deleted it: post it anew
 *   chat-edit-closed                                                   it stays as it is: go on below it
 *   chat-not-a-member                                                  answer the person where everybody can read it
 */
const closedBy: Readonly<Record<string, Closed>> = {
  'chat-archived': 'archived',
  'chat-not-in-channel': 'not-in-channel',
  'chat-no-such-channel': 'no-such-channel',
};

/** Why nothing can be written into a channel. */
export type Closed = 'archived' | 'not-in-channel' | 'no-such-channel';

/** Why nothing can be written into the channel that a call was for; null for any other failure. */
export function whyClosed(failure: unknown): Closed | null {
  return failure instanceof Failure ? (closedBy[failure.code] ?? null) : null;
}

/** Whether a failed call may have succeeded after all: then search before repeating it. */
export function mayHaveHappened(failure: unknown): boolean {
  return !(failure instanceof Failure) || hasCode(failure, 'chat-timeout', 'chat-server-error');
}

/** Whether it would always be refused: then it is left out, and the operator is notified. */
export function isUnsendable(failure: unknown): failure is Failure {
  return hasCode(failure, 'chat-invalid-message', 'chat-refused');
}

export function hasCode(failure: unknown, ...codes: readonly string[]): failure is Failure {
  return failure instanceof Failure && codes.includes(failure.code);
}
