import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

import { Failure } from '../../core/failure.ts';
import { record, records, text, timeMs, whole } from '../../core/kill/json-read.ts';
import type { JsonRecord } from '../../core/kill/json-read.ts';

/** One sample of a trace. `t` is ms UTC, sizes are bytes; what was not measured is null. */
export interface TraceRow {
  readonly t: number;
  readonly pod: string | null;
  /** Which run of the container it is; null where the trace does not say. */
  readonly instance: number | null;
  readonly revision: string | null;
  readonly workingSetBytes: number | null;
  readonly rssBytes: number | null;
  readonly cacheBytes: number | null;
  readonly usageBytes: number | null;
  /** What the pod as a whole was charged with. */
  readonly podUsageBytes: number | null;
  readonly limitBytes: number | null;
  readonly load: number | null;
  /** Kernel kills in this run so far. */
  readonly oomEvents: number | null;
}

/** What the system may see of a trace: the folder `input`, as far as it is there. */
export interface TraceInput {
  readonly id: string;
  readonly pod: JsonRecord | null;
  readonly events: readonly JsonRecord[];
  readonly workload: JsonRecord | null;
  readonly replicaSets: readonly JsonRecord[];
  readonly node: JsonRecord | null;
  readonly quotas: readonly JsonRecord[];
  readonly log: string | null;
  /** In the order of time; each moment of a run once. */
  readonly rows: readonly TraceRow[];
  /** What could not be read, as sentences. */
  readonly problems: readonly string[];
}

/** A sample a second of several pods for hours; more belongs into a Prometheus. */
const mostBytes = 64 * 2 ** 20;

/**
 * The folders of the traces in a folder, sorted: those with a folder `input`, or the folder itself if it has one.
 * @throws Failure `no-traces`
 */
export function traceFolders(dir: string): readonly string[] {
  if (!existsSync(dir) || !statSync(dir).isDirectory())
    throw new Failure('no-traces', `There is no folder ${dir}; give it one with labelled traces.`);
  if (existsSync(join(dir, 'input'))) return [dir];
  const found = readdirSync(dir)
    .toSorted()
    .map((name) => join(dir, name))
    .filter((folder) => existsSync(join(folder, 'input')));
  if (found.length > 0) return found;
  throw new Failure(
    'no-traces',
    `There is no trace in ${dir}: a trace is a folder that has a folder "input" with series.ndjson, pod.json and so on.`,
  );
}

/** Reads the inputs of one trace. Never throws: a file that is missing or broken is as if nobody had looked. */
export function readTrace(folder: string): TraceInput {
  const problems: string[] = [];
  const read = (name: string): string | null => readText(join(folder, 'input', name), name, problems);
  const json = (name: string): unknown => parsed(read(name), name, problems);
  const items = (name: string): readonly JsonRecord[] => itemsOf(json(name));
  const object = (name: string): JsonRecord | null => {
    const found = record(json(name));
    return Object.keys(found).length === 0 ? null : found;
  };
  return {
    id: basename(resolve(folder)),
    pod: object('pod.json'),
    events: items('events.json'),
    workload: object('workload.json'),
    replicaSets: items('replicasets.json'),
    node: object('node.json'),
    quotas: items('quota.json'),
    log: read('log.txt'),
    rows: rowsOf(read('series.ndjson') ?? '', problems),
    problems,
  };
}

function readText(path: string, name: string, problems: string[]): string | null {
  try {
    if (!existsSync(path)) return null;
    if (statSync(path).size > mostBytes) {
      problems.push(`${name} is longer than ${mostBytes / 2 ** 20} MiB and was not read`);
      return null;
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    problems.push(`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

function parsed(content: string | null, name: string, problems: string[]): unknown {
  if (content === null || content.trim() === '') return null;
  try {
    return JSON.parse(content);
  } catch {
    problems.push(`${name} is not JSON`);
    return null;
  }
}

/** A List, a bare array, or one object. */
function itemsOf(found: unknown): readonly JsonRecord[] {
  if (Array.isArray(found)) return records(found);
  const { items } = record(found);
  if (Array.isArray(items)) return records(items);
  return Object.keys(record(found)).length === 0 ? [] : [record(found)];
}

function rowsOf(content: string, problems: string[]): readonly TraceRow[] {
  const byMoment = new Map<string, TraceRow>();
  let malformed = 0;
  for (const line of content.split('\n')) {
    if (line.trim() === '') continue;
    const row = rowOf(line);
    if (row === null) malformed += 1;
    else byMoment.set(`${row.pod ?? ''}/${row.instance ?? ''}/${row.t}`, row);
  }
  if (malformed > 0) problems.push(`series.ndjson: malformed lines skipped: ${malformed}`);
  return [...byMoment.values()].toSorted((a, b) => a.t - b.t);
}

function rowOf(line: string): TraceRow | null {
  let found: JsonRecord;
  try {
    found = record(JSON.parse(line));
  } catch {
    return null;
  }
  const t = timeMs(found['t']);
  if (t === null) return null;
  const number = (name: string): number | null => {
    const value = found[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  };
  return {
    t,
    pod: text(found['pod']),
    instance: whole(found['instance']),
    revision: text(found['revision']),
    workingSetBytes: number('working_set_bytes'),
    rssBytes: number('rss_bytes'),
    cacheBytes: number('cache_bytes'),
    usageBytes: number('usage_bytes'),
    podUsageBytes: number('pod_usage_bytes'),
    limitBytes: number('limit_bytes'),
    load: number('load'),
    oomEvents: whole(found['oom_events']),
  };
}
