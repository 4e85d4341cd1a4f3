import { setTimeout as delay } from 'node:timers/promises';
import type { PatientTime } from './patient-time.ts';

const askEveryMs = 50;
/** On a machine that has time an answer takes less. */
const toleratedMs = 10;
/** Whoever takes longer is stopped or stuck, and is not waited for until it answers again. */
const longestMs = 1_000;

/**
 * Lets time stand still while a process of the system is late: it is asked for its health again and again, and whatever
 * it says says that its event loop runs. Ends when the process is gone. The returned function ends it before that.
 */
export function awaitProcess(time: Pick<PatientTime, 'standStillWhile'>, opsUrl: string): () => void {
  const closed = new AbortController();
  const { signal } = closed;
  let askedAt = Infinity;
  const forget = time.standStillWhile(() => {
    const takesMs = performance.now() - askedAt;
    return takesMs > toleratedMs && takesMs < longestMs;
  });

  async function ask(): Promise<void> {
    for (;;) {
      askedAt = performance.now();
      const answer = await fetch(`${opsUrl}/healthz`, { signal });
      await answer.arrayBuffer();
      askedAt = Infinity;
      await delay(askEveryMs, undefined, { signal, ref: false });
    }
  }

  void ask().catch(forget);
  return () => {
    closed.abort();
  };
}
