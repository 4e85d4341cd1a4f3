import { Failure } from '../../../../core/failure.ts';
import type { Trigger } from '../../../../core/kill/trigger.ts';
import { redact } from '../../../../core/redact/redact.ts';
import { type LogAnswer, mostLogBytes } from '../../../../core/talk/question.ts';
import { readLogEnd } from './log-end.ts';
import { inLogOf, logPath, noLogWords } from './read-log.ts';
import { failureOf } from '../../transport/transport.ts';
import type { Transport } from '../../transport/transport.ts';
import { readKilledPod } from '../workload-objects.ts';

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
  const path = logPath(kill, previous, { tailLines: String(tailLines) });
  const namespace = kill.subject.namespace ?? 'default';
  const byHand = `kubectl logs --previous -n ${namespace} ${kill.pod} -c ${kill.subject.container ?? ''}`;
  const slow = `the log did not arrive within ${Math.round(deadlineMs / 1000)} s, it may be very long; read it with ${byHand}`;
  const { status, body, bytes } = await readLogEnd(transport, path, { keepBytes: mostLogBytes, deadlineMs, slow });
  if (status === 204 || status === 400) return null;
  if (status === 403)
    throw new Failure(
      'log-forbidden',
      `the worker may not read this log (403); grant it get on pods/log in ${namespace}`,
    );
  if (status !== 200) throw failureOf(status, body, { path });
  if (body.startsWith(noLogWords)) return null;
  return cut(redact(body), bytes);
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
