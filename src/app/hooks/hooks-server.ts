import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createBoundedServer, refuse, serverBounds } from '../bounded-server.ts';
import type { ServerBounds } from '../bounded-server.ts';
import { listen } from '../listen.ts';
import type { Listening } from '../listen.ts';
import { createBodies } from './read-body.ts';

/** What was posted. */
export interface Posted {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface HookAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Hook {
  /** Path that is asked for with POST. */
  readonly path: string;
  /** Why a request cannot be of the sender, by its headers alone: it is refused with 401 before its body is read. */
  readonly unsigned: (headers: IncomingHttpHeaders) => string | null;
  /** What to do about a body that is too long. */
  readonly shorten?: string;
  /** Checks the signature over the body, and answers. */
  readonly answer: (posted: Posted) => Promise<HookAnswer>;
}

export interface Refused {
  /** Of the hook; null where none was asked. */
  readonly path: string | null;
  readonly status: number;
  readonly reason: string;
}

export interface HooksOptions {
  readonly bounds?: ServerBounds;
  /** What did not get as far as a hook's answer, or failed in it. */
  readonly refused?: (refused: Refused, error?: unknown) => void;
}

export interface HooksServer extends Listening {
  /** Bytes of bodies that are held now. */
  readonly held: () => number;
}

/**
 * Listens for what others send: Slack in signed HTTP mode, the forge's webhooks, Alertmanager. Each hook checks its own
 * signature; what nobody signed costs no memory.
 * @throws Failure('port-taken')
 */
export async function startHooksServer(
  host: string,
  port: number,
  hooks: readonly Hook[],
  { bounds = serverBounds, refused = () => undefined }: HooksOptions = {},
): Promise<HooksServer> {
  const bodies = createBodies(bounds);

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '/', headers } = request;
    const hook = hooks.find(({ path }) => path === url.split('?')[0]);
    const no = (status: number, reason: string, more?: Readonly<Record<string, string>>): void => {
      refused({ path: hook?.path ?? null, status, reason });
      refuse({ request, response }, status, reason, more);
    };
    if (hook === undefined) return no(404, 'Nothing is heard at this path.');
    if (request.method !== 'POST')
      return no(405, 'This path is for webhooks, which are sent with POST.', { allow: 'POST' });
    const unsigned = hook.unsigned(headers);
    if (unsigned !== null) return no(401, unsigned, { 'www-authenticate': 'Bearer' });
    const body = await bodies.read(request, response);
    if (body === 'too-long') return no(413, `More than ${bounds.bodyBytes} bytes. ${hook.shorten ?? ''}`.trim());
    if (body === 'no-room')
      return no(503, 'Too much is being sent at once. Please send it again.', { 'retry-after': '1' });
    if (body === 'gone') {
      response.destroy();
      return;
    }
    try {
      const answer = await hook.answer({ url, headers, body: body.toString('utf8') });
      if (answer.status === 401) refused({ path: hook.path, status: 401, reason: 'The signature is wrong.' });
      response.writeHead(answer.status, answer.headers ?? {}).end(answer.body ?? '');
    } catch (error) {
      refused({ path: hook.path, status: 503, reason: 'The hook failed.' }, error);
      refuse({ request, response }, 503, 'This failed on our side. Please send it again.');
    }
  }

  const server = createBoundedServer((request, response) => void take(request, response), {
    bounds,
    turnedAway: (why) => refused({ path: null, status: 0, reason: why }),
  });
  return { ...(await listen(server, { host, port, variable: 'OOMKEEPER_HTTP_PORT' })), held: bodies.held };
}
