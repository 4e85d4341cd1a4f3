import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { rolloutFacts } from '../../../../src/adapters/kubernetes/read/read-rollout.ts';
import { specFacts } from '../../../../src/adapters/kubernetes/read/read-spec.ts';
import { nodeOomOf } from '../../../../src/core/evidence/node-oom.ts';
import type {
  Evidence,
  Findings,
  RolloutFacts,
  UsageRun,
  UsageSample,
} from '../../../../src/core/evidence/evidence.ts';
import { createDetector } from '../../../../src/core/kill/detect/detector.ts';
import { record, records } from '../../../../src/core/kill/json-read.ts';
import { killedAtMs } from '../../../../src/core/kill/kill.ts';
import type { Kill } from '../../../../src/core/kill/kill.ts';

/** What a recorded trace (a folder with `input` and `truth.json`) shows after its last kill. */
export interface Trace {
  readonly findings: Findings;
  readonly kill: Kill;
  readonly recent: readonly Kill[];
  /** ms UTC of the last sample. */
  readonly now: number;
}

const sampleSchema = z.object({
  t: z.string().transform((time) => Date.parse(time)),
  working_set_bytes: z.number(),
  rss_bytes: z.number().optional(),
  usage_bytes: z.number().optional(),
  load: z.number().optional(),
  limit_bytes: z.number().nullish(),
  pod: z.string(),
  instance: z.number(),
  revision: z.string().nullish(),
});
type Row = z.infer<typeof sampleSchema>;

const truthSchema = z.object({
  label: z.string(),
  kind: z.string(),
  true_peak_bytes: z.number().nullable(),
  slope_bytes_per_s: z.number().nullable(),
});
type Truth = z.infer<typeof truthSchema>;

export function readTruth(dir: string): Truth {
  return truthSchema.parse(json(join(dir, 'truth.json')));
}

/** Reads the inputs of a trace; null where its pod shows no memory kill. */
export function readTrace(dir: string): Trace | null {
  const input = join(dir, 'input');
  if (!existsSync(join(input, 'pod.json'))) return null;
  const rows = readFileSync(join(input, 'series.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => sampleSchema.parse(JSON.parse(line)));
  const now = Math.max(...rows.map(({ t }) => t));
  const found = killsOf(json(join(input, 'pod.json')), records(record(json(join(input, 'events.json')))['items']), now);
  const seen = found.filter(({ kind }) => kind !== 'node');
  const shown = seen.at(-1);
  if (!shown) return null;

  const groups = Object.values(Object.groupBy(rows, ({ pod, instance }) => `${pod}/${instance}`)).map(
    (group) => group ?? [],
  );
  const runs = groups.map((group) => runOf(group, groups, seen)).filter((run) => run !== null);
  const others = runs.flatMap(({ run, ended }) =>
    ended && run.revision === shown.revision && !seen.some(({ containerId }) => containerId === run.containerId)
      ? [killAlike(shown, run)]
      : [],
  );
  const recent = [...seen, ...others].toSorted((a, b) => killedAtMs(a) - killedAtMs(b));
  const isKilled = (run: UsageRun): boolean => recent.some(({ pod }) => pod === run.pod);
  const log = existsSync(join(input, 'log.txt')) ? readFileSync(join(input, 'log.txt'), 'utf8').split('\n') : null;
  const known = <T>(value: T): Evidence<T> => ({ found: true, value, source: 'trace', at: now });
  const missing = (reason: string): Evidence<never> => ({ found: false, reason, source: 'trace', at: now });
  const latest = recent.at(-1) ?? shown;
  const nodeOom = nodeOomOf(latest, found);
  return {
    kill: latest,
    recent,
    now,
    findings: {
      spec: known(specFacts(record(json(join(input, 'pod.json'))), shown)),
      restarts: missing('a trace has no live pod'),
      usage: known({
        runs: runs.map(({ run }) => run).filter(isKilled),
        siblings: runs.map(({ run }) => run).filter((run) => !isKilled(run)),
        resolutionMs: 1000,
      }),
      log: log ? known({ lines: log.slice(-50) }) : missing('no log was kept'),
      rollout: rolloutOf(input, shown) ?? missing('it is no Deployment'),
      ...(nodeOom === null ? {} : { nodeOom: known(nodeOom) }),
    },
  };

  function runOf(
    group: readonly Row[],
    all: readonly (readonly Row[])[],
    kills: readonly Kill[],
  ): { run: UsageRun; ended: boolean } | null {
    const [first] = group;
    const last = group.at(-1);
    if (!first || !last) return null;
    const next = all.some(([other]) => other?.pod === first.pod && other.instance > first.instance);
    const kill = kills.find(
      ({ pod, startedAt }) => pod === first.pod && Math.abs(Date.parse(startedAt ?? '') - first.t) < 3000,
    );
    const ended = next || kill !== undefined;
    return {
      ended,
      run: {
        pod: first.pod,
        containerId: kill?.containerId ?? `instance-${first.instance}`,
        revision: first.revision ?? null,
        startedAt: kill?.startedAt ? Date.parse(kill.startedAt) : first.t - 500,
        killedAt: kill ? killedAtMs(kill) : next ? last.t + 500 : null,
        limitBytes: last.limit_bytes ?? null,
        samples: group.map((row): UsageSample => ({
          t: row.t,
          workingSetBytes: row.working_set_bytes,
          ...(row.rss_bytes === undefined ? {} : { rssBytes: row.rss_bytes }),
          ...(row.usage_bytes === undefined ? {} : { usageBytes: row.usage_bytes }),
          ...(row.load === undefined ? {} : { load: row.load }),
        })),
      },
    };
  }
}

function killsOf(pod: unknown, events: readonly unknown[], now: number): readonly Kill[] {
  const detector = createDetector({ cluster: 'trace' });
  const podOf = (uid: string): unknown => (record(record(pod)['metadata'])['uid'] === uid ? pod : null);
  const told = events.flatMap((event) => detector.event('ADDED', event, { atMs: now }, podOf));
  const found = [...told, ...detector.pod('ADDED', pod, { atMs: now }), ...detector.flush()];
  return found.flatMap((one) => (one.is === 'kill' && !one.kill.suspect ? [one.kill] : []));
}

/** The pod of a trace was read once; a watch would have shown the kills of its other runs too. */
function killAlike(shown: Kill, run: UsageRun): Kill {
  const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  return {
    ...shown,
    fingerprint: `trace/${run.pod}/${run.containerId ?? ''}`,
    pod: run.pod,
    containerId: run.containerId,
    startedAt: iso(run.startedAt),
    finishedAt: iso(run.killedAt),
  };
}

function rolloutOf(input: string, kill: Kill): Evidence<RolloutFacts> | null {
  const file = join(input, 'replicasets.json');
  if (!existsSync(file)) return null;
  const sets = records(json(file)).toSorted((a, b) => revisionOf(a) - revisionOf(b));
  const killed = sets.find(({ metadata }) => record(record(metadata)['labels'])['pod-template-hash'] === kill.revision);
  const previous = killed && sets.filter((set) => revisionOf(set) < revisionOf(killed)).at(-1);
  if (!killed) return null;
  const value = rolloutFacts(killed, previous ?? null, kill.subject.container ?? '');
  return { found: true, value, source: 'trace', at: value.startedAt };
}

function revisionOf(set: Readonly<Record<string, unknown>>): number {
  return Number(record(record(set['metadata'])['annotations'])['deployment.kubernetes.io/revision'] ?? 0);
}

function json(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
