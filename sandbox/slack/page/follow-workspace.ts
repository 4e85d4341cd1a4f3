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
  let readTimer: ReturnType<typeof setTimeout> | undefined;
  let connectTimer: ReturnType<typeof setTimeout> | undefined;

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
      clearTimeout(readTimer);
      readTimer = setTimeout(() => void read(), retryAfterMs);
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
