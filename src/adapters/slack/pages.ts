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

/** More pages than a channel writes within the time that is searched; a bound for the worst. */
const MAX_PAGES = 25;

/** The pages of a method that lists messages. @throws Failure */
export async function* pagesOf(
  method: string,
  call: (cursor: { readonly cursor?: string }) => Promise<Page>,
): AsyncGenerator<readonly SlackMessage[]> {
  let cursor: string | undefined;
  for (let count = 0; count < MAX_PAGES; count += 1) {
    let page: Page;
    try {
      page = await call(cursor === undefined ? {} : { cursor });
    } catch (error) {
      throw asSlackFailure(error, method);
    }
    yield page.messages ?? [];
    cursor = page.response_metadata?.next_cursor;
    if (cursor === undefined || cursor === '') return;
  }
}
