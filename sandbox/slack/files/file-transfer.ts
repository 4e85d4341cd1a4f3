import type { IncomingMessage, ServerResponse } from 'node:http';
import type { StoredFile } from './file-store.ts';
import type { World } from '../method.ts';
import type { RequestLog } from '../request-log.ts';

/** An answer that is still to be written. */
export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const largestUpload = 64 * 1024 * 1024;

/** Takes the body of `POST /upload/v1/TOKEN`: the bytes as they are, or the first file of a form. */
export async function takeUpload(
  world: World,
  requests: RequestLog,
  token: string,
  request: IncomingMessage,
): Promise<Reply> {
  const body = await readBytes(request);
  const bytes = body === undefined ? undefined : await fileIn(body, request.headers['content-type'] ?? '');
  const outcome = bytes === undefined ? 'no_file' : world.files.put(token, bytes);
  const ok = outcome === 'stored';
  requests.add({
    kind: 'upload',
    method: 'upload',
    ok,
    error: ok ? undefined : outcome,
    body: { bytes: bytes?.length ?? 0 },
  });
  return {
    status: ok ? 200 : outcome === 'unknown_upload' ? 404 : 400,
    contentType: 'text/plain; charset=utf-8',
    body: ok ? `OK - ${bytes?.length}` : outcome,
  };
}

/** Answers `GET /files-pri/TEAM-ID/…`: the file for the app's token, a sign-in page (as Slack has it) for anybody else. */
export function answerDownload(world: World, id: string, request: IncomingMessage, response: ServerResponse): void {
  const { botToken, scopes } = world.workspace;
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const file = world.files.find(id);
  if (bearer !== botToken || !scopes.includes('files:read')) {
    // NOTE: no 401. A client that does not look at the type saves the page as if it were the file.
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end('<!doctype html><title>Slack</title><p>Sign in to see this file.</p>');
    return;
  }
  if (file?.bytes === undefined || !file.completed) {
    response.writeHead(404, { 'content-type': 'text/plain' });
    response.end('file_not_found');
    return;
  }
  response.writeHead(200, headersFor(file));
  response.end(file.bytes);
}

/** How a file is served so that nothing in it can run in a browser. */
export function headersFor(file: StoredFile): Readonly<Record<string, string>> {
  const type =
    file.kind?.shownAs === 'image'
      ? file.kind.mimetype
      : file.kind?.shownAs === 'text'
        ? 'text/plain; charset=utf-8'
        : 'application/octet-stream';
  return { 'content-type': type, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' };
}

async function fileIn(body: Uint8Array<ArrayBuffer>, contentType: string): Promise<Uint8Array | undefined> {
  if (!contentType.startsWith('multipart/form-data')) return body;
  try {
    const form = await new Response(body, { headers: { 'content-type': contentType } }).formData();
    const file = [...form.values()].find((part) => typeof part !== 'string');
    return file === undefined ? undefined : new Uint8Array(await file.arrayBuffer());
  } catch {
    return undefined;
  }
}

async function readBytes(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size <= largestUpload) chunks.push(chunk);
  }
  return size > largestUpload ? undefined : new Uint8Array(Buffer.concat(chunks));
}
