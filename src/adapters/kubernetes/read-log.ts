import { Failure } from '../../core/failure.ts';
import type { LogFacts } from '../../core/evidence/evidence.ts';
import type { Kill } from '../../core/kill/kill.ts';
import type { Transport } from './transport.ts';
import { failureOf } from './transport.ts';

const tailLines = 50;
const limitBytes = 64 * 1024;

/**
 * The last lines of the killed run. Which request gives them depends on the phase (domain.md section 1): after the
 * restart `previous`, in the back-off's terminated phase the log *without* previous, because the older container is
 * already removed and `previous` answers 200 with the kubelet's own sentence. Throws Failures.
 */
export async function readLog(transport: Transport, kill: Kill, deadlineMs: number): Promise<LogFacts> {
  const previous = await read(transport, kill, true, deadlineMs);
  if (previous !== null) return { lines: previous };
  const current = await read(transport, kill, false, deadlineMs);
  if (current !== null) return { lines: current };
  throw new Failure('no-log', 'the container has left no log');
}

/** Null where the API server has no such log. */
async function read(
  transport: Transport,
  kill: Kill,
  previous: boolean,
  deadlineMs: number,
): Promise<readonly string[] | null> {
  const query = new URLSearchParams({
    container: kill.subject.container ?? '',
    tailLines: String(tailLines),
    limitBytes: String(limitBytes),
    ...(previous ? { previous: 'true' } : {}),
  });
  const path = `/api/v1/namespaces/${encodeURIComponent(kill.subject.namespace ?? 'default')}/pods/${encodeURIComponent(kill.pod)}/log?${query}`;
  const call = { path, accept: '*/*', deadlineMs };
  const { status, body } = await transport.send(call);
  if (status === 204 || status === 400) return null;
  if (status !== 200) throw failureOf(status, body, call);
  if (previous && body.startsWith('unable to retrieve container logs for ')) return null;
  const lines = body.split('\n').filter((line) => line.trim() !== '');
  return lines.length === 0 ? null : lines.slice(-tailLines);
}
