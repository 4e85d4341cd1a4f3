import { processNames } from '../scripts/system.ts';
import type { ProcessName } from '../scripts/system.ts';
import type { System } from '../test/system.ts';
import type { BenchContext } from './benchmark.ts';
import { cpuSeconds } from './cpu-seconds.ts';
import { residentBytes } from './report.ts';

const everyMs = 250;

/** What our three processes need from now on. */
export interface ProcessUse {
  /** Resident bytes of all of them together, now. */
  readonly first: number;
  /** The most of that so far. */
  readonly most: () => number;
  /** Of each: the most resident bytes, and ms of CPU. */
  readonly each: () => Readonly<Record<string, number>>;
}

export function watchUse(system: System, { onStop }: BenchContext): ProcessUse {
  const pidOf = (name: ProcessName): number => system.process(name).pid;
  const resident = (): readonly number[] => processNames.map((name) => residentBytes([pidOf(name)]) ?? 0);
  const cpuMs = (): readonly number[] => processNames.map((name) => Math.round(cpuSeconds(pidOf(name)) * 1_000));
  const cpuBefore = cpuMs();
  let each = resident();
  const first = totalOf(each);
  let most = first;
  const look = (): void => {
    const now = resident();
    most = Math.max(most, totalOf(now));
    each = each.map((bytes, nth) => Math.max(bytes, now[nth] ?? 0));
  };
  const watching = setInterval(look, everyMs);
  onStop(async () => clearInterval(watching));
  return {
    first,
    most: () => {
      look();
      return most;
    },
    each: () => {
      look();
      const cpu = cpuMs();
      return Object.fromEntries(
        processNames.flatMap((name, nth) => [
          [`${name}RssBytes`, each[nth] ?? 0],
          [`${name}CpuMs`, (cpu[nth] ?? 0) - (cpuBefore[nth] ?? 0)],
        ]),
      );
    },
  };
}

function totalOf(all: readonly number[]): number {
  return all.reduce((total, one) => total + one, 0);
}
