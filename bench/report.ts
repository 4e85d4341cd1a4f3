import { readFileSync } from 'node:fs';
import { arch, cpus, platform, totalmem } from 'node:os';

/** Quantiles, ms. */
export interface Times {
  readonly p50: number;
  readonly p99: number;
}

export interface Throughput {
  readonly perSecond: number;
}

/** What was measured, the floor of the same run, and the one divided by the other. */
type Beside<Value> = Value & { readonly floor: Value; readonly ratio: Value };

interface Memory {
  /** Of the processes that are measured together, at the end of the run. */
  readonly rssBytes?: number;
  /** What one more pod in the cluster costs for as long as it is there. */
  readonly retainedBytesPerPod?: number;
}

/** A comparison beside the main one: another load, another kind of call. */
export type Peer = { readonly n: number; readonly unit: string } & Memory & (Beside<Times> | Beside<Throughput>);

/** One line of a benchmark's output. */
export type Report = {
  readonly bench: string;
  readonly n: number;
  readonly unit: string;
  readonly peers: Readonly<Record<string, Peer>>;
  /** What else was counted. */
  readonly counts?: Readonly<Record<string, number>>;
  readonly machine: string;
  readonly node: string;
  /** RFC 3339 */
  readonly at: string;
} & Memory &
  (Beside<Times> | Beside<Throughput>);

/** By nearest rank: both are samples that occurred. */
function timesOf(samples: readonly number[]): Times {
  return { p50: rounded(quantile(samples, 0.5)), p99: rounded(quantile(samples, 0.99)) };
}

function quantile(samples: readonly number[], share: number): number {
  const found = samples.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * samples.length) - 1)];
  if (found === undefined) throw new Error('nothing was measured');
  return found;
}

/** Two series of samples, ms, that were taken in turn. Throws where one of them is empty. */
export function timesBeside(ours: readonly number[], floor: readonly number[]): Beside<Times> {
  const [measured, below] = [timesOf(ours), timesOf(floor)];
  return {
    ...measured,
    floor: below,
    ratio: { p50: rounded(measured.p50 / below.p50), p99: rounded(measured.p99 / below.p99) },
  };
}

/** The medians of rounds that were run in turn, each so many a second. */
export function throughputBeside(ours: readonly number[], floor: readonly number[]): Beside<Throughput> {
  const [measured, below] = [Math.round(quantile(ours, 0.5)), Math.round(quantile(floor, 0.5))];
  return {
    perSecond: measured,
    floor: { perSecond: below },
    ratio: { perSecond: rounded(measured / below) },
  };
}

/** Where and when it was measured. */
export function circumstances(): Pick<Report, 'machine' | 'node' | 'at'> {
  const all = cpus();
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return {
    machine: `${all.length} x ${all[0]?.model.trim() ?? 'unknown'}, ${gibibytes} GiB, ${platform()} ${arch()}`,
    node: process.version,
    at: new Date().toISOString(),
  };
}

/** Resident memory of these processes together, bytes; undefined where the system has no /proc. */
export function residentBytes(pids: readonly number[]): number | undefined {
  try {
    const kibibytes = pids.map((pid) => /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
    return kibibytes.reduce((sum, each) => sum + Number(each ?? Number.NaN) * 1024, 0);
  } catch {
    return undefined;
  }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
