import { readCgroup } from '../cgroup.ts';
import type { CgroupPlace } from '../cgroup.ts';
import { eventTimeMs } from './event-time.ts';
import { record, text } from '../json-read.ts';
import { ownCopy } from '../../own-copy.ts';
import type { Victim } from '../kill.ts';

/**
 * A kill as an Event about a Node reports it: kubelet's `SystemOOM`, or `OOMKilling` of node-problem-detector, which
 * repeats the kernel's words. `atMs` is ms UTC.
 */
export interface OomReport {
  readonly node: string;
  readonly atMs: number;
  readonly victim: Victim;
  /** `node`: all memory of the machine was used. `cgroup`: a limit was reached, a container's or one above it. */
  readonly scope: 'node' | 'cgroup';
  /** Whose process it was, where the message names the cgroup. */
  readonly place: CgroupPlace | null;
  /** The limit was that of all pods together (node allocatable), or the machine's own. */
  readonly isAbovePods: boolean;
}

/** Reasons of the Events that `readOomReport` reads. */
export const oomReportReasons: readonly string[] = ['OOMKilling', 'SystemOOM'];

// The kernel cuts a process's name at 15 bytes; a message that goes on for longer is none of its words.

/** pkg/kubelet/oom: `System OOM encountered, victim process: java, pid: 4242`. */
const SYSTEM_OOM = /victim process: (.{0,64}?), pid: (\d+)/;
/**
 * mm/oom_kill.c: `Killed process 4242 (java) total-vm:…kB, anon-rss:…kB, file-rss:…kB, shmem-rss:…kB, UID:0 …`; before
 * 4.19 a line with `Kill process 4242 (java) score 900 or sacrifice child` stands before it; some kernels write
 * `Killed process 4242, UID 1000, (java) total-vm:…`. A name may have parentheses of its own.
 */
const KILLED = /[Kk]ill(?:ed)? process (\d+)(?:,? UID \d+)?(?:,? \((.{0,64}?)\)(?=[\s,]|$))?/;
/** mm/oom_kill.c, the line before it: `oom-kill:constraint=CONSTRAINT_MEMCG,…,task=java,pid=4242,uid=0`. */
const TASK = /task=([^,]{0,64}),pid=(\d+)/;
/** Whose limit it was, which may be a cgroup far above the task's. */
const LIMIT_CGROUP = /(?:oom_memcg=|as a result of limit of )([^,\s]+)/;
const TASK_CGROUP = /task_memcg=([^,\s]+)/;
const RSS = /\b(?:anon|file|shmem)-rss:(\d+)kB/g;
const longestCommand = 64;
const NODE_WORDS = /global_oom|CONSTRAINT_(?:NONE|CPUSET|MEMORY_POLICY)|(?<!cgroup )out of memory(?: \(\w+\))?: kill/i;

/** Reads an Event about a Node; null when it reports no memory kill. Never throws. */
export function readOomReport(event: unknown): OomReport | null {
  const fields = record(event);
  const about = record(fields['involvedObject'] ?? fields['regarding']);
  const node = text(about['name']);
  const reason = text(fields['reason']);
  const message = text(fields['message']) ?? text(fields['note']) ?? '';
  const atMs = eventTimeMs(fields);
  if (node === null || about['kind'] !== 'Node' || atMs === null) return null;
  if (reason === 'SystemOOM') {
    const [, process = null, pid] = SYSTEM_OOM.exec(message) ?? [];
    return {
      node,
      atMs,
      victim: { process: process === null ? null : commandOf(process), pid: numberOf(pid), rssBytes: null },
      scope: 'node',
      place: null,
      isAbovePods: true,
    };
  }
  if (reason !== 'OOMKilling') return null;
  return { node, atMs, ...readKernelWords(message) };
}

function readKernelWords(message: string): Pick<OomReport, 'victim' | 'scope' | 'place' | 'isAbovePods'> {
  const [, killedPid, killedName] = KILLED.exec(message) ?? [];
  const [, taskName, taskPid] = TASK.exec(message) ?? [];
  const rss = [...message.matchAll(RSS)].map(([, kilobytes]) => Number(kilobytes) * 1024);
  const process = killedName ?? taskName ?? null;
  const isNode = NODE_WORDS.test(message);
  const limit = LIMIT_CGROUP.exec(message)?.[1];
  return {
    victim: {
      process: process === null ? null : commandOf(process),
      pid: numberOf(killedPid ?? taskPid),
      rssBytes: rss.length === 0 ? null : rss.reduce((sum, bytes) => sum + bytes, 0),
    },
    scope: isNode ? 'node' : 'cgroup',
    isAbovePods: isNode || (limit !== undefined && /kubepods/.test(limit) && !/pod[0-9a-f]{8}/.test(limit)),
    place: readCgroup(TASK_CGROUP.exec(message)?.[1] ?? message),
  };
}

/** The kernel keeps 15 characters of a command. It is kept for a while, without the message that it was in. */
function commandOf(name: string): string {
  return ownCopy(name.slice(0, longestCommand));
}

function numberOf(digits: string | undefined): number | null {
  return digits === undefined ? null : Number(digits);
}
