import { readArgs } from '../web-api/args.ts';
import type { JsonObject } from '../json.ts';
import { readContent } from '../web-api/message-content.ts';
import type { Message } from '../message-store.ts';
import type { World } from '../web-api/method.ts';
import { logUncovered, Refusal } from '../refusal.ts';
import type { RequestLog } from '../request-log.ts';
import { createTokens } from '../tokens.ts';

/** What a response belongs to: a command, or an action on a message. */
export interface ResponseContext {
  readonly user: string;
  readonly channel: string;
  /** The message that was acted on, where one was. */
  readonly ts?: string;
}

export interface Responses {
  /** A URL that takes 5 responses in 30 minutes. */
  readonly issueUrl: (context: ResponseContext) => string;
  /** Answers a POST to such a URL. */
  readonly post: (token: string, body: JsonObject) => { readonly status: number; readonly body: JsonObject };
}

const uses = 5;
const lifeMs = 30 * 60_000;

/** `base` gives the server's own URL without a slash at its end. */
export function createResponses(world: World, requests: RequestLog, base: () => string): Responses {
  const urls = createTokens<ResponseContext & { answered?: string }>({ uses, lifeMs }, world.now);

  /** The original of a click is the message that was clicked, of a command what it was answered with before. */
  function apply(context: ResponseContext & { answered?: string }, body: JsonObject): Message {
    const args = readArgs(body);
    if (args.flag('delete_original')) {
      world.log.error({ body }, 'this Slack does not cover answers that delete a message');
      throw new Refusal('not_covered');
    }
    const wanted = readContent(args, world);
    const original = context.ts ?? context.answered;
    const replaced =
      args.flag('replace_original') && original !== undefined ? world.store.find(context.channel, original) : undefined;
    if (replaced !== undefined) {
      world.store.edit(replaced, { text: wanted.text ?? '', blocks: wanted.blocks ?? [], metadata: replaced.metadata });
      return replaced;
    }
    const posted = world.store.post({
      text: wanted.text ?? '',
      blocks: wanted.blocks ?? [],
      channel: context.channel,
      user: world.workspace.bot.userId,
      ...(args.text('response_type') === 'in_channel' ? {} : { onlyFor: context.user }),
    });
    context.answered = posted.ts;
    return posted;
  }

  return {
    issueUrl: (context) => `${base()}/response/${world.workspace.team.id}/${urls.issue({ ...context })}`,
    post: (token, body) => {
      const use = urls.use(token);
      const failed = use.ok ? undefined : use.reason === 'used' ? 'used_url' : 'expired_url';
      let answer: { status: number; body: JsonObject; ts?: string | undefined };
      try {
        if (use.ok) answer = { status: 200, body: { ok: true }, ts: apply(use.value, body).ts };
        else answer = { status: 404, body: { ok: false, error: failed } };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        logUncovered(world.log, error);
        answer = { status: 400, body: { ok: false, error: error.code, ...error.extra } };
      }
      requests.add({
        kind: 'response-url',
        channel: use.ok ? use.value.channel : undefined,
        ts: answer.ts,
        ok: answer.status === 200,
        error: typeof answer.body['error'] === 'string' ? answer.body['error'] : undefined,
        body,
      });
      return { status: answer.status, body: answer.body };
    },
  };
}
