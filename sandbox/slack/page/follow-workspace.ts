/**
 * Keeps the page equal to the sandbox: server-sent events only say that something changed, the state is then read
 * whole. Reads never overlap; changes during one lead to exactly one more. A lost stream is reopened for ever.
 */
import { fetchWorkspace } from './control.ts';
import type { Workspace } from './workspace.ts';

export type Connection = 'connecting' | 'live' | 'reconnecting';
export interface Listener {
  readonly workspace: (workspace: Workspace) => void;
  readonly connection: (connection: Connection) => void;
  /** Null when the last reading was understood again. */
  readonly problem: (problem: string | null) => void;
}

const retryAfterMs = 1000;

/** Follows until the signal aborts. */
export const followWorkspace = (listener: Listener, signal: AbortSignal): void => {
  let reading = false;
  let changed = false;
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const retry = (action: () => void): void => {
    clearTimeout(timer);
    timer = setTimeout(action, retryAfterMs);
  };

  const read = async (): Promise<void> => {
    changed = true;
    if (reading) return;
    reading = true;
    try {
      while (changed && !signal.aborted) {
        changed = false;
        listener.workspace(await fetchWorkspace(signal));
        listener.problem(null);
      }
    } catch (error) {
      if (signal.aborted) return;
      listener.problem(error instanceof Error ? error.message : String(error));
      retry(() => void read());
    } finally {
      reading = false;
    }
  };

  const connect = (): void => {
    if (signal.aborted) return;
    const opened = new EventSource('/slack/events');
    source = opened;
    opened.addEventListener('open', () => {
      listener.connection('live');
      void read();
    });
    opened.addEventListener('state', () => void read());
    opened.addEventListener('error', () => {
      listener.connection('reconnecting');
      // The browser reconnects by itself only after a broken stream, not after an answer that wasn't one.
      if (opened.readyState === EventSource.CLOSED) retry(connect);
    });
  };

  signal.addEventListener('abort', () => {
    clearTimeout(timer);
    source?.close();
  });
  void read();
  connect();
};
