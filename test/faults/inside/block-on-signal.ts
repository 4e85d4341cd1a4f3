import { writeSync } from 'node:fs';
import { blockedMs, blockedWords } from './words.ts';

/*
 * Runs within a process of the system, before everything else (NODE_OPTIONS=--import): at SIGUSR2 its event loop stands
 * still, as in a computation that does not end. Unlike one that is stopped the process lives, its sockets take what comes,
 * and its timers are all late at once.
 */
process.on('SIGUSR2', () => {
  const over = performance.now() + blockedMs;
  while (performance.now() < over);
  writeSync(process.stderr.fd, `${blockedWords}\n`);
});
