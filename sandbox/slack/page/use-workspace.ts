import { useEffect, useState } from 'react';
import { followWorkspace, type Connection } from './follow-workspace.ts';
import type { Workspace } from './workspace.ts';

interface Live {
  readonly workspace: Workspace | null;
  /** When it was read, ms UTC. */
  readonly readAt: number;
  readonly connection: Connection;
  readonly problem: string | null;
}

/** The workspace as it is now, for as long as the component stands. */
export const useWorkspace = (): Live => {
  const [reading, setReading] = useState<Pick<Live, 'workspace' | 'readAt'>>({ workspace: null, readAt: 0 });
  const [connection, setConnection] = useState<Connection>('connecting');
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    const leaving = new AbortController();
    followWorkspace(
      {
        workspace: (workspace) => setReading({ workspace, readAt: Date.now() }),
        connection: setConnection,
        problem: setProblem,
      },
      leaving.signal,
    );
    return () => leaving.abort();
  }, []);
  return { ...reading, connection, problem };
};
