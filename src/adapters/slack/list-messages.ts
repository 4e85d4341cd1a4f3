import { Failure } from '../../core/failure.ts';
import { asSlackFailure } from './slack-failure.ts';

/** What we read of a message. */
export interface SlackMessage {
  readonly ts?: string;
  readonly user?: string;
  readonly bot_id?: string;
  readonly metadata?: { readonly event_type?: string; readonly event_payload?: Readonly<Record<string, unknown>> };
}

interface Page {
  readonly messages?: readonly SlackMessage[];
  readonly response_metadata?: { readonly next_cursor?: string };
}

/** More pages than a channel fills in the time that is searched; just a bound. */
const MAX_PAGES = 25;

/**
 * The messages on all pages of a listing method. @throws Failure, `chat-look-limited` if Slack limits such calls: they
 * have their own limit, so posting need not wait.
 */
export async function listMessages(
  method: string,
  call: (cursor: { readonly cursor?: string }) => Promise<Page>,
): Promise<readonly SlackMessage[]> {
  const listed: SlackMessage[] = [];
  let cursor: string | undefined;
  for (let count = 0; count < MAX_PAGES; count += 1) {
    let page: Page;
    try {
      page = await call(cursor === undefined ? {} : { cursor });
    } catch (error) {
      const failure = asSlackFailure(error, method);
      if (failure.code !== 'chat-rate-limited') throw failure;
      throw new Failure('chat-look-limited', failure.message, { retry: failure.retry, cause: error });
    }
    listed.push(...(page.messages ?? []));
    cursor = page.response_metadata?.next_cursor;
    if (cursor === undefined || cursor === '') break;
  }
  return listed;
}
