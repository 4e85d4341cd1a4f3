import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { BenchContext } from './benchmark.ts';

/** What a child says to its parent once it can do its work. */
const ready = 'ready';

/**
 * Starts a program of ours with options as its one argument (JSON) and waits until it says that it is ready. It ends when
 * its parent does.
 */
export async function startChild(program: string, options: object, onStop: BenchContext['onStop']): Promise<void> {
  const child = fork(program, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  onStop(async () => {
    if (child.connected) child.disconnect();
    await ended;
  });
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`${program} ended before it was ready`)));
    child.on('message', (said) => {
      if (said === ready) resolve();
    });
  });
}

/** In a child: tells the parent, and ends with it. */
export function readyFor(parent: NodeJS.Process): void {
  parent.on('disconnect', () => parent.exit());
  parent.send?.(ready);
}
