/** How supervisors say that the kernel ended one of their processes. */
const killedWords = /signal 9|signal: killed|SIGKILL|\(Killed\)|exited .{0,60}137/i;
/** Lines after it that are shown too: what the supervisor did about it. */
const linesAfter = 2;

/** Whether a line of a log tells of a process that was killed. */
export function tellsOfKilledProcess(line: string): boolean {
  return killedWords.test(line);
}

/** At most so many lines up to shortly after the last one that tells of a killed process; the last ones if none does. */
export function linesAboutChild(lines: readonly string[], most: number): readonly string[] {
  const told = lines.findLastIndex(tellsOfKilledProcess);
  const end = told === -1 ? lines.length : Math.min(lines.length, told + linesAfter + 1);
  return lines.slice(Math.max(0, end - most), end);
}
