/*
 * Loaded into the processes that a command of this project starts: the other end of their standard input is gone when that
 * command is, even if it was killed, and then there is nobody left to end them.
 */
process.stdin.on('error', end).on('end', end).resume();
// Listening keeps nobody alive.
if ('unref' in process.stdin && typeof process.stdin.unref === 'function') process.stdin.unref();

function end() {
  process.kill(process.pid, 'SIGTERM');
  // It has no reason to take longer, and nobody to wait for it.
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), 5_000).unref();
}
