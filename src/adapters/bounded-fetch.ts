import { Failure } from '../core/failure.ts';

export interface FetchBounds {
  /** ms until the answer is there, whole. */
  readonly timeoutMs: number;
  readonly mostBytes: number;
  /** `same-server`: where a server sends to another path of its own, as GitHub does for repositories that were renamed. */
  readonly redirects: 'none' | 'same-server';
}

type Fetch = typeof globalThis.fetch;

const mostRedirects = 3;

/**
 * A `fetch` for vendors' clients, which read answers whole: those that are too long, take too long or redirect are
 * refused. @throws Failure `answer-redirected`, `answer-too-long`; else as `fetch`
 */
export function boundedFetch({ timeoutMs, mostBytes, redirects }: FetchBounds): Fetch {
  return async (input, init) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
    let url = input;
    for (let count = 0; ; count += 1) {
      const response = await fetch(url, { ...init, signal, redirect: 'manual' });
      const next = redirectOf(response, init?.method);
      if (next === null) return whole(response, mostBytes);
      await response.body?.cancel();
      if (redirects === 'none' || !next.isFollowed || count >= mostRedirects) throw redirected(response, next.url);
      url = next.url;
    }
  };
}

interface Redirect {
  readonly url: URL;
  /** It is the same server, and what is asked there is the same. */
  readonly isFollowed: boolean;
}

function redirectOf({ status, headers, url }: Response, method = 'GET'): Redirect | null {
  const location = headers.get('location');
  if (status < 300 || status >= 400 || location === null || !URL.canParse(location, url)) return null;
  const to = new URL(location, url);
  const isSame = status === 307 || status === 308 || method === 'GET' || method === 'HEAD';
  return { url: to, isFollowed: isSame && to.origin === new URL(url).origin };
}

/** NOTE: credentials go to nobody but the server that is configured; and where else it is, is its host, not all it says. */
function redirected({ url, status }: Response, to: URL): Failure {
  const message = `${new URL(url).origin} redirects to ${to.origin.slice(0, 200)} (${status}), which is not followed.`;
  return new Failure('answer-redirected', message, { retry: 'backoff' });
}

async function whole(response: Response, mostBytes: number): Promise<Response> {
  const { status, statusText, headers, url } = response;
  const body: ReadableStream<Uint8Array> | null = response.body;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > mostBytes)
      throw new Failure(
        'answer-too-long',
        `The answer of ${new URL(url).origin} is longer than ${mostBytes / 2 ** 20} MiB.`,
        { retry: 'backoff' },
      );
    chunks.push(chunk);
  }
  // An answer without content may have no body at all.
  const read = new Response(bytes === 0 ? null : Buffer.concat(chunks), { status, statusText, headers });
  return Object.defineProperty(read, 'url', { value: url });
}

/** The Failure of a `boundedFetch` in what a vendor's client makes of it; null where it is another error. */
export function boundOf(error: unknown): Failure | null {
  let current = error;
  for (let depth = 0; depth < 6 && current instanceof Error; depth += 1) {
    if (current instanceof Failure && current.code.startsWith('answer-')) return current;
    current = current.cause;
  }
  return null;
}
