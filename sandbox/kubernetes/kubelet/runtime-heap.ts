import { bytesOf } from '../objects/quantity.ts';
import type { Runtime } from './logs.ts';
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
  return Infinity;
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
