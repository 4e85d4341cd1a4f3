import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const targetsSchema = z.tuple([z.looseObject({ webSocketDebuggerUrl: z.string() })]);
const answerSchema = z.looseObject({ id: z.number(), result: z.unknown() });
const usageSchema = z.looseObject({ usedSize: z.number(), backingStorageSize: z.number().default(0) });

/**
 * Bytes that a process holds on to: after a full garbage collection, its heap and what lies behind its buffers. The
 * process was started with `--inspect-port` and opens that port at SIGUSR1.
 */
export async function retainedBytes(pid: number, inspectPort: number): Promise<number> {
  process.kill(pid, 'SIGUSR1');
  const socket = new WebSocket(await debuggerUrl(inspectPort));
  const waiting = new Map<number, (result: unknown) => void>();
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = answerSchema.parse(JSON.parse(String(data)));
    waiting.get(id)?.(result);
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error('the inspector cannot be reached')));
  });
  const call = (method: string): Promise<unknown> => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const id = waiting.size + 1;
    waiting.set(id, resolve);
    socket.send(JSON.stringify({ id, method }));
    return promise;
  };
  for (let round = 0; round < 2; round += 1) await call('HeapProfiler.collectGarbage');
  const { usedSize, backingStorageSize } = usageSchema.parse(await call('Runtime.getHeapUsage'));
  socket.close();
  return usedSize + backingStorageSize;
}

async function debuggerUrl(port: number): Promise<string> {
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/json/list`).catch(() => null);
    if (answer?.ok) return targetsSchema.parse(await answer.json())[0].webSocketDebuggerUrl;
    await sleep(50);
  }
  throw new Error('the inspector did not open');
}
