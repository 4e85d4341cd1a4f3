import type { SpecFacts } from '../../evidence/evidence.ts';
import { dotnetFlags, dotnetHeapUnder } from './dotnet.ts';
import type { DotnetFlags } from './dotnet.ts';
import { jvmFlags, jvmHeapUnder } from './jvm.ts';
import type { JvmFlags } from './jvm.ts';
import { nodeFlags, nodeHeapUnder } from './node.ts';
import type { NodeFlags } from './node.ts';
import { runtimeOf } from './runtime.ts';
import type { Setting } from './setting.ts';
import { mebi } from '../../units/quantity.ts';

/** How a runtime sizes its heap. `flag` is what decides; null where the runtime's own default does. */
export type Heap = { readonly flag: HeapFlag | null } & (
  | { readonly runtime: 'jvm'; readonly flags: JvmFlags }
  | { readonly runtime: 'node'; readonly flags: NodeFlags }
  | { readonly runtime: 'dotnet'; readonly flags: DotnetFlags }
);

export interface HeapFlag extends Setting {
  /** `bytes` stays whatever the limit is; `percent` follows the limit. */
  readonly unit: 'bytes' | 'percent';
}

export const runtimeNames = { jvm: 'JVM', node: 'Node.js', go: 'Go', python: 'Python', dotnet: '.NET' } as const;

/** As the subject of a sentence: a JVM has an article. */
export function runtimeSubject(runtime: Heap['runtime']): string {
  return runtime === 'jvm' ? 'the JVM' : runtimeNames[runtime];
}

/** Its options are longer than we read, so nobody knows here how large its heap may be. */
export type Unread = 'too-long';

/** What is known of the heap of a JVM, of Node.js or of .NET; null for other runtimes. Pure. */
export function heapOf(
  spec: Pick<SpecFacts, 'args' | 'env' | 'hiddenEnv' | 'image'>,
  labels: Readonly<Record<string, string>> = {},
): Heap | Unread | null {
  const runtime = runtimeOf(spec, labels);
  if (runtime === 'jvm') {
    const flags = jvmFlags(spec);
    if (flags === 'too-long') return flags;
    return { runtime, flags, flag: inBytes(flags.maxBytes) ?? inPercent(flags.maxPercent) };
  }
  if (runtime === 'node') {
    const flags = nodeFlags(spec);
    if (flags === 'too-long') return flags;
    return { runtime, flags, flag: inPercent(flags.maxPercent) ?? inBytes(flags.maxBytes) };
  }
  if (runtime === 'dotnet') {
    const flags = dotnetFlags(spec);
    return { runtime, flags, flag: inBytes(flags.maxBytes) ?? inPercent(flags.maxPercent) };
  }
  return null;
}

/** The largest heap, bytes, that it takes under a limit; null where nothing tells. */
export function heapUnder(heap: Heap, limitBytes: number): number | null {
  switch (heap.runtime) {
    case 'jvm':
      return jvmHeapUnder(heap.flags, limitBytes);
    case 'node':
      return nodeHeapUnder(heap.flags, limitBytes);
    case 'dotnet':
      return dotnetHeapUnder(heap.flags, limitBytes);
  }
}

/**
 * Room, bytes, for what a runtime needs beside a heap of that size under a limit: a quarter of the limit, and at least
 * 256Mi for a JVM. That least amount is taken smaller for small heaps: a JVM with a heap of 112Mi lived in 224Mi, and
 * one of 252Mi in 336Mi (recorded). Node.js and .NET have no metaspace and no threads of that size.
 */
export function besideHeap({ runtime }: Heap, heapBytes: number, limitBytes: number): number {
  const least = runtime === 'jvm' ? Math.min(256 * mebi, heapBytes / 2 + 64 * mebi) : 64 * mebi;
  return Math.max(limitBytes / 4, least);
}

/** The limit, bytes, that holds a heap of that size and the room beside it. */
export function limitForHeap(heap: Heap, heapBytes: number): number {
  return Math.max(heapBytes / 0.75, heapBytes + besideHeap(heap, heapBytes, 0));
}

/** The largest heap, bytes, that leaves that room under a limit; whole 8 MiB, as people write them. */
export function heapThatFits({ runtime }: Heap, limitBytes: number): number {
  const share = limitBytes * 0.75;
  const most =
    runtime === 'jvm' ? Math.max(limitBytes - 256 * mebi, (limitBytes - 64 * mebi) / 1.5) : limitBytes - 64 * mebi;
  return Math.floor(Math.max(0, Math.min(share, most)) / (8 * mebi)) * 8 * mebi;
}

/** `-Xmx900m in JAVA_TOOL_OPTIONS`. */
export function flagWords({ text, place }: Setting): string {
  if (place.in === 'args') return `${text} in its arguments`;
  if (text.startsWith(`${place.name}=`)) return `${text}, which is read as hexadecimal`;
  return `${text} in ${place.name}${place.certain ? '' : ', if its start script reads that'}`;
}

function inBytes(setting: Setting | null): HeapFlag | null {
  return setting && { ...setting, unit: 'bytes' };
}

function inPercent(setting: Setting | null): HeapFlag | null {
  return setting && { ...setting, unit: 'percent' };
}
