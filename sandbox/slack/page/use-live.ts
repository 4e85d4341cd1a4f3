import { useEffect, useState } from 'react';

export type Connection = 'connecting' | 'live' | 'reconnecting';

interface Live<State> {
  readonly state: State | null;
  /** When it was read, ms UTC. */
  readonly readAt: number;
  readonly connection: Connection;
  /** Null when the last reading was understood again. */
  readonly problem: string | null;
}

interface Listener<State> {
  readonly state: (state: State) => void;
  readonly connection: (connection: Connection) => void;
  readonly problem: (problem: string | null) => void;
}

/** Reads the whole state; throws when it could not be read. */
type Read<State> = (signal: AbortSignal) => Promise<State>;

const retryAfterMs = 1000;

/**
 * A simulator's state as it is now, for as long as the component stands. `events` is the address of its server-sent
 * events; it and `read` have to stay the same.
 */
export const useLive = <State>(events: string, read: Read<State>): Live<State> => {
  const [reading, setReading] = useState<Pick<Live<State>, 'state' | 'readAt'>>({ state: null, readAt: 0 });
  const [connection, setConnection] = useState<Connection>('connecting');
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    const leaving = new AbortController();
    follow(
      events,
      read,
      {
        state: (state) => setReading({ state, readAt: Date.now() }),
        connection: setConnection,
        problem: setProblem,
      },
      leaving.signal,
    );
    return () => leaving.abort();
  }, [events, read]);
  return { ...reading, connection, problem };
};

/**
 * Server-sent events only say that something changed, the state is then read whole. Reads never overlap; changes during
 * one lead to exactly one more. A lost stream is reopened until the signal aborts.
 */
const follow = <State>(
  events: string,
  readState: Read<State>,
  listener: Listener<State>,
  signal: AbortSignal,
): void => {
  let reading = false;
  let changed = false;
  let source: EventSource | null = null;
  let readTimer: ReturnType<typeof setTimeout> | undefined;
  let connectTimer: ReturnType<typeof setTimeout> | undefined;

  const read = async (): Promise<void> => {
    changed = true;
    if (reading) return;
    reading = true;
    try {
      while (changed && !signal.aborted) {
        changed = false;
        listener.state(await readState(signal));
        listener.problem(null);
      }
    } catch (error) {
      if (signal.aborted) return;
      listener.problem(error instanceof Error ? error.message : String(error));
      clearTimeout(readTimer);
      readTimer = setTimeout(() => void read(), retryAfterMs);
    } finally {
      reading = false;
    }
  };

  const connect = (): void => {
    if (signal.aborted) return;
    const opened = new EventSource(events);
    source = opened;
    opened.addEventListener('open', () => {
      listener.connection('live');
      void read();
    });
    opened.addEventListener('state', () => void read());
    opened.addEventListener('error', () => {
      listener.connection('reconnecting');
      // The browser itself would wait for longer, and would give up after an answer that is no stream.
      opened.close();
      connectTimer = setTimeout(connect, retryAfterMs);
    });
  };

  signal.addEventListener('abort', () => {
    clearTimeout(readTimer);
    clearTimeout(connectTimer);
    source?.close();
  });
  void read();
  connect();
};
