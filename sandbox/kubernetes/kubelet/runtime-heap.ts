import { bytesOf } from '../objects/quantity.ts';
import type { Runtime } from './logs.ts';
import { crossingAt } from './program.ts';
import type { MemoryPoint, MemoryProgram } from './program.ts';

const mebi = 2 ** 20;
/** HotSpot takes the share for small machines while that is less than its own smallest usual heap. */
const smallestUsualHeap = 124.8 * mebi;
/** Node's default heap ends here, whatever the limit. */
const largestNodeHeap = 2048 * mebi;

/**
 * The heap, bytes, that a runtime fills before it cleans up, from its flags and the container's memory limit at its
 * start (-Xmx, MaxRAMPercentage, --max-old-space-size). Infinity for a runtime that has no bound. `limitBytes` null =
 * none.
 */
export function largestHeap(
  runtime: Runtime,
  env: Readonly<Record<string, string>>,
  limitBytes: number | null,
): number {
  if (runtime === 'java')
    return javaHeap(`${env['JAVA_TOOL_OPTIONS'] ?? ''} ${env['JDK_JAVA_OPTIONS'] ?? ''}`, limitBytes);
  if (runtime === 'node') return nodeHeap(env['NODE_OPTIONS'] ?? '', limitBytes);
  if (runtime === 'dotnet') return dotnetHeap(env, limitBytes);
  return Infinity;
}

/** Its numbers are hexadecimal; a percentage from 100 on is ignored, and without one it takes three quarters. */
function dotnetHeap(env: Readonly<Record<string, string>>, limitBytes: number | null): number {
  const size = Number.parseInt(env['DOTNET_GCHeapHardLimit'] ?? '', 16);
  if (size > 0) return size;
  if (limitBytes === null) return Infinity;
  const percent = Number.parseInt(env['DOTNET_GCHeapHardLimitPercent'] ?? '', 16);
  return percent > 0 && percent < 100 ? (limitBytes * percent) / 100 : Math.max(20 * mebi, limitBytes * 0.75);
}

/**
 * What a Go program really uses of what is live: twice as much with GOGC=100, before its collector begins, but no more
 * than GOMEMLIMIT while that is enough for what is live.
 */
function withCollector(program: MemoryProgram, env: Readonly<Record<string, string>>): MemoryProgram {
  const [, digits, unit = ''] = /^(\d+)(KiB|MiB|GiB)$/.exec(env['GOMEMLIMIT'] ?? '') ?? [];
  const soft = digits === undefined ? Infinity : (bytesOf(`${digits}${unit.slice(0, 2)}`) ?? Infinity);
  const growth = 1 + Number(env['GOGC'] ?? 100) / 100;
  const used = (live: number): number => Math.max(live, Math.min(live * growth, soft));
  return { ...program, points: program.points.map(({ at, bytes }) => ({ at, bytes: Math.round(used(bytes)) })) };
}

/** How a runtime ends whose heap is full of what is live, and what it says (recorded: Node 24, OpenJDK 17). */
const endings: Readonly<Partial<Record<Runtime, { readonly exitCode: number; readonly words: string }>>> = {
  java: { exitCode: 3, words: 'Terminating due to java.lang.OutOfMemoryError: Java heap space' },
  node: {
    exitCode: 134,
    words: 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
  },
  dotnet: { exitCode: 134, words: 'Out of memory.' },
};

/** The same program where all of its heap is live: it gives up when that is full. */
function givingUp(runtime: Runtime, program: MemoryProgram, heapBytes: number): MemoryProgram {
  const ending = endings[runtime];
  const at = crossingAt(program, heapBytes);
  return ending === undefined || at === null ? program : { ...program, givesUp: { at, ...ending } };
}

function javaHeap(options: string, limitBytes: number | null): number {
  const size = last(options, /-(?:Xmx|XX:MaxHeapSize=)(\d+[kKmMgG]?)/g);
  if (size !== undefined) return bytesOf(size.replace(/[kKmMgG]$/, (unit) => `${unit.toUpperCase()}i`)) ?? Infinity;
  if (limitBytes === null) return Infinity;
  const most = Number(last(options, /-XX:MaxRAMPercentage=([\d.]+)/g) ?? 25);
  const least = Number(last(options, /-XX:MinRAMPercentage=([\d.]+)/g) ?? 50);
  const small = (limitBytes * least) / 100;
  return small < smallestUsualHeap ? small : Math.max(smallestUsualHeap, (limitBytes * most) / 100);
}

function nodeHeap(options: string, limitBytes: number | null): number {
  const share = last(options, /--max[-_]old[-_]space[-_]size[-_]percentage=([\d.]+)/g);
  if (share !== undefined && limitBytes !== null) return (limitBytes * Number(share)) / 100;
  const size = last(options, /--max[-_]old[-_]space[-_]size=(\d+)/g);
  if (size !== undefined) return Number(size) * mebi;
  return limitBytes === null ? largestNodeHeap : Math.min(largestNodeHeap, limitBytes / 2);
}

/** What comes later on a command line wins. */
function last(text: string, pattern: RegExp): string | undefined {
  return [...text.matchAll(pattern)].at(-1)?.[1];
}

/** What a program that asks for heap really uses: the heap up to its largest size, and what lies beside it. */
export function withinHeap(program: MemoryProgram, heapBytes: number, besideBytes: number): MemoryProgram {
  const { points } = program;
  const bounded = ({ at, bytes }: MemoryPoint): MemoryPoint => ({
    at,
    bytes: Math.min(bytes, heapBytes) + besideBytes,
  });
  const kept = points.flatMap((point, index): MemoryPoint[] => {
    const before = points[index - 1];
    const crosses = before !== undefined && before.bytes < heapBytes !== point.bytes < heapBytes;
    if (!crosses) return [bounded(point)];
    // Where the straight line meets the largest heap there is a corner now.
    const share = (heapBytes - before.bytes) / (point.bytes - before.bytes);
    const corner = { at: before.at + share * (point.at - before.at), bytes: heapBytes };
    return [bounded(corner), bounded(point)];
  });
  return { ...program, points: kept };
}

/** What a container of a runtime does with a program that says how much heap the application would take. */
export function heapProgram(
  of: {
    readonly runtime: Runtime;
    readonly env: Readonly<Record<string, string>>;
    /** At its start; null without one. */
    readonly limitBytes: number | null;
    readonly besideHeapBytes: number;
    readonly heapIsLive: boolean;
  },
  program: MemoryProgram,
): MemoryProgram {
  const { runtime, env, limitBytes, besideHeapBytes } = of;
  const heapBytes = largestHeap(runtime, env, limitBytes);
  const wanted = of.heapIsLive ? givingUp(runtime, program, heapBytes) : program;
  return withinHeap(runtime === 'go' ? withCollector(wanted, env) : wanted, heapBytes, besideHeapBytes);
}
