import { Failure } from '../../core/failure.ts';

/*
 * What the codes of a chat's failures mean for what was to be sent. Whatever is not named here was not sent and can be
 * tried again.
 *
 *   chat-timeout, chat-server-error                                    it may have happened: look before the next try
 *   chat-rate-limited                                                  wait as long as the chat asks, and try again
 *   chat-invalid-message, chat-refused                                 the same would be refused for ever: leave it out
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

/** Whether a call that failed may have happened all the same: then look before doing it again. */
export function mayHaveHappened(failure: unknown): boolean {
  return !(failure instanceof Failure) || hasCode(failure, 'chat-timeout', 'chat-server-error');
}

/** Whether the same would be refused for ever: it is left out, and whoever runs the bot is told. */
export function isUnsendable(failure: unknown): failure is Failure {
  return hasCode(failure, 'chat-invalid-message', 'chat-refused');
}

export function hasCode(failure: unknown, ...codes: readonly string[]): failure is Failure {
  return failure instanceof Failure && codes.includes(failure.code);
}
