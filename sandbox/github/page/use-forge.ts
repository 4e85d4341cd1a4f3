import { useEffect, useState } from 'react';
import { fetchForge } from './control.ts';
import type { Forge } from './forge.ts';

export type Connection = 'connecting' | 'live' | 'reconnecting';

interface Live {
  readonly forge: Forge | null;
  readonly connection: Connection;
  readonly problem: string | null;
}

const retryAfterMs = 1000;

/**
 * The repositories as they are now. Server-sent events only say that something changed, the state is then read whole;
 * reads never overlap, and a lost stream is opened again for ever.
 */
export const useForge = (): Live => {
  const [forge, setForge] = useState<Forge | null>(null);
  const [connection, setConnection] = useState<Connection>('connecting');
  const [problem, setProblem] = useState<string | null>(null);

  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    let source: EventSource | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isReading = false;
    let hasChanged = false;

    const read = async (): Promise<void> => {
      hasChanged = true;
      if (isReading) return;
      isReading = true;
      try {
        while (hasChanged && !signal.aborted) {
          hasChanged = false;
          setForge(await fetchForge(signal));
          setProblem(null);
        }
      } catch (error) {
        if (!signal.aborted) setProblem(error instanceof Error ? error.message : String(error));
      } finally {
        isReading = false;
      }
    };
    const connect = (): void => {
      const opened = new EventSource('/github/events');
      source = opened;
      opened.addEventListener('open', () => setConnection('live'));
      // The first event comes with the connection, so a reading that failed while it was away is made up for.
      opened.addEventListener('state', () => void read());
      opened.addEventListener('error', () => {
        setConnection('reconnecting');
        // The browser itself would wait for longer, and would give up after an answer that is no stream.
        opened.close();
        if (!signal.aborted) timer = setTimeout(connect, retryAfterMs);
      });
    };
    connect();
    return () => {
      leaving.abort();
      clearTimeout(timer);
      source?.close();
    };
  }, []);
  return { forge, connection, problem };
};
