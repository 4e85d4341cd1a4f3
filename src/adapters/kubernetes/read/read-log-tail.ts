import type { IncomingMessage } from 'node:http';
import { Failure } from '../../../core/failure.ts';
import type { Trigger } from '../../../core/kill/trigger.ts';
import { redact } from '../../../core/redact/redact.ts';
import { type LogAnswer, mostLogBytes } from '../../../core/talk/question.ts';
import { inLogOf, logPath, noLogWords } from './read-log.ts';
import { failureOf } from '../transport/transport.ts';
import type { Transport } from '../transport/transport.ts';
import { readKilledPod } from './workload-objects.ts';

/** The kubelet keeps at most 10 MiB of a container's log before it rotates it; more than that is not read. */
const mostReadBytes = 16 * 1024 * 1024;
const tailLines = 5_000;

type Found = Extract<LogAnswer, { is: 'found' }>;

/**
 * The end of the log of the killed run, at most 256 KiB of it and 5000 lines, the newest part, in whole lines. However
 * long the log is, only that much is kept in memory while it is streamed. What looks like a secret is not in it.
 * @throws Failure `no-log`, `log-forbidden`, `log-slow`, each with what a person can do
 */
export async function readLogTail(transport: Transport, kill: Trigger, deadlineMs: number): Promise<Found> {
  const endsAt = Date.now() + deadlineMs;
  const left = (): number => Math.max(1, endsAt - Date.now());
  const podNow = () => readKilledPod(transport, kill, left());
  const pods = { pod: await podNow(), podNow };
  const tail = await inLogOf(kill, pods, (previous) => readTail(transport, kill, previous, left()));
  if (tail.text.trim() === '') throw new Failure('no-log', 'the killed run wrote nothing to its log');
  return { to: 'log', is: 'found', pod: kill.pod, container: kill.subject.container ?? '', ...tail };
}

/** Null where the API server has no such log. */
async function readTail(
  transport: Transport,
  kill: Trigger,
  previous: boolean,
  deadlineMs: number,
): Promise<Pick<Found, 'text' | 'note'> | null> {
  // NOTE: no limitBytes here: it keeps the *oldest* bytes of the tail.
  const call = { path: logPath(kill, previous, { tailLines: String(tailLines) }), accept: '*/*' };
  const deadline = AbortSignal.timeout(deadlineMs);
  try {
    const response = await transport.open({ ...call, signal: deadline });
    const status = response.statusCode ?? 0;
    const { kept, bytes } = await keepEnd(response);
    const body = kept.toString('utf8');
    if (status === 204 || status === 400) return null;
    if (status === 403)
      throw new Failure(
        'log-forbidden',
        `the worker may not read this log (403); grant it get on pods/log in ${kill.subject.namespace ?? 'default'}`,
      );
    if (status !== 200) throw failureOf(status, body, call);
    if (body.startsWith(noLogWords)) return null;
    return cut(redact(body), bytes);
  } catch (error) {
    if (!deadline.aborted) throw error;
    const path = `kubectl logs --previous -n ${kill.subject.namespace ?? 'default'} ${kill.pod} -c ${kill.subject.container ?? ''}`;
    throw new Failure(
      'log-slow',
      `the log did not arrive within ${Math.round(deadlineMs / 1000)} s, it may be very long; read it with ${path}`,
      { retry: 'backoff', cause: error },
    );
  }
}

/** The last bytes of a stream, and its length. */
async function keepEnd(response: IncomingMessage): Promise<{ readonly kept: Buffer; readonly bytes: number }> {
  let chunks: Buffer[] = [];
  let held = 0;
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    held += chunk.length;
    bytes += chunk.length;
    if (held > 2 * mostLogBytes) {
      chunks = [Buffer.concat(chunks).subarray(-mostLogBytes)];
      held = mostLogBytes;
    }
    if (bytes > mostReadBytes) {
      response.destroy();
      throw new Failure(
        'log-slow',
        `the log is longer than ${mostReadBytes / 1024 / 1024} MiB, so its end was not read`,
      );
    }
  }
  return { kept: Buffer.concat(chunks).subarray(-mostLogBytes), bytes };
}

/** Whole lines, and a sentence about the missing ones. */
function cut(body: string, bytes: number): Pick<Found, 'text' | 'note'> {
  const isCut = bytes > mostLogBytes;
  // The first kept line is incomplete, unless everything is one line.
  const lineEnd = isCut ? body.indexOf('\n') : -1;
  const text = lineEnd === -1 || lineEnd === body.length - 1 ? body : body.slice(lineEnd + 1);
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  if (isCut) {
    const note = `Only the newest ${mostLogBytes / 1024} KiB of ${Math.ceil(bytes / 1024)} KiB are in this file.`;
    return { text: withinBytes(text), note };
  }
  const note = lines >= tailLines ? `Only the last ${tailLines} lines are in this file.` : null;
  return { text: withinBytes(text), note };
}

/** Invalid UTF-8 bytes become three bytes each when replaced, so the text may be longer than what was read. */
function withinBytes(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= mostLogBytes) return text;
  return bytes
    .subarray(-mostLogBytes)
    .toString('utf8')
    .replace(/^\ufffd+/, '');
}
