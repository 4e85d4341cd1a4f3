/**
 * One line of progress for each step, on standard error, so that standard output stays the command's own.
 * @param {string} text
 */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/**
 * @param {number} sinceMs milliseconds of `performance.now()`
 * @returns {string} like `3.2 s`
 */
export function elapsed(sinceMs) {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}
