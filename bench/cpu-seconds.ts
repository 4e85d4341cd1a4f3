import { readFileSync } from 'node:fs';

/** Linux counts CPU in hundredths of a second. */
export const cpuCountSeconds = 0.01;

/** CPU of all threads of a process so far. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Behind the name, which may hold spaces: utime and stime are fields 14 and 15 of all.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * cpuCountSeconds;
}
