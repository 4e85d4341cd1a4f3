import { mergeByTime } from '../../adapters/recording/merge-by-time.ts';
import { readRecording } from '../../adapters/recording/read-recording.ts';
import { readRecordedLine, readRecordedMetric } from '../../adapters/recording/recorded-line.ts';
import { Failure } from '../../core/failure.ts';
import type { Detection } from '../../core/kill/detect/detection.ts';
import { createDetector } from '../../core/kill/detect/detector.ts';
import { readOomReport } from '../../core/kill/detect/oom-report.ts';
import { record, text } from '../../core/kill/json-read.ts';
import type { Kill } from '../../core/kill/kill.ts';
import type { JsonRecord } from '../../core/kill/json-read.ts';
import { readPod } from '../../core/kill/pod.ts';
import { counted } from '../../core/talk/words.ts';
import { createBeginnings } from './replay-beginnings.ts';
import { createFindings } from './replay-findings.ts';
import { createRecordedRuns } from './replay-runs.ts';
import type { ReplayOptions } from './replay-options.ts';
import { replayOptions } from './replay-options.ts';
import { createLineOrder } from './replay-order.ts';
import type { KeptLine } from './replay-order.ts';
import { createSilentEvidence } from './replay-silent.ts';
import { createSkippedLines } from './replay-skipped.ts';
import { replayText } from './replay-text.ts';
import { jsonLine, shownLine } from '../command-line/terminal-text.ts';

export interface ReplayIo {
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: { readonly write: (text: string) => unknown };
  readonly stderr: { readonly write: (text: string) => unknown };
}

const cluster = 'replay';
const OK = 0;
const SOMETHING_WAS_SKIPPED = 3;

/** What makes a file of each kind. */
const recordedBy = {
  Pod: '`kubectl get pods -A -o json --watch --output-watch-events | jq -c --unbuffered`',
  Event: '`kubectl get events -A -o json --watch --output-watch-events | jq -c --unbuffered`',
  metric: 'a recorder of samples, {"at", "name", "labels", "value"} on each line',
};

/** `oomkeeper replay …` on the standard streams of this process. */
export function replayCommand(args: readonly string[]): Promise<number> {
  return replay(replayOptions(args), process);
}

/**
 * `oomkeeper replay`: runs recorded watch streams through the detector and prints the incidents that would have been
 * opened. Files are streamed; what is kept of them is the pods, the kills and what tells of kills. The order of lines
 * and of files makes no difference. Answers with the exit code.
 * @throws Failure `unreadable-file` when no recording of pods can be read.
 */
export async function replay(options: ReplayOptions, io: ReplayIo): Promise<number> {
  const detector = createDetector({ cluster });
  const beginnings = createBeginnings();
  const findings = createFindings(beginnings.isBeforeWatch);
  const runs = createRecordedRuns();
  const silent = createSilentEvidence(runs);
  const order = createLineOrder();
  const sources = [
    ...options.pods.map((file) => ({ file, kind: 'Pod' as const, read: readRecordedLine })),
    ...options.events.map((file) => ({ file, kind: 'Event' as const, read: readRecordedLine })),
    ...options.metrics.map((file) => ({ file, kind: 'metric' as const, read: readRecordedMetric })),
  ];
  let lines = 0;
  let endMs = Number.NEGATIVE_INFINITY;
  let readable = 0;
  const unreadable = new Map<number, string>();
  const warn = (words: string): void => void io.stderr.write(`${shownLine(words)}\n`);
  const skipped = createSkippedLines((source) => recordedBy[sources[source]?.kind ?? 'Pod'], warn);
  const take = (found: readonly Detection[]): void => {
    for (const one of found) findings.add(one.is === 'kill' ? { ...one, kill: silent.numbered(one.kill) } : one);
  };
  const detectionsOf = ({ kind, type, object, atMs }: KeptLine): readonly Detection[] => {
    if (kind === 'Pod') return detector.pod(type, object, { atMs });
    const place = readOomReport(object)?.place ?? null;
    const podOf = (uid: string) => (place === null ? null : (runs.podOf(place.containerId) ?? runs.newest(uid)));
    return detector.event(type, object, { atMs }, podOf);
  };

  for await (const { atMs, source, line } of mergeByTime(
    sources.map(({ file, read }) => readRecording(file, io.stdin, read)),
  )) {
    if (line.is === 'unreadable') {
      const place = line.lineNumber === 0 ? '' : ` after line ${line.lineNumber}`;
      unreadable.set(source, `Cannot read ${line.file}${place}: ${line.why}`);
      continue;
    }
    lines += 1;
    if (line.is === 'malformed') {
      skipped.malformed(source, line);
      continue;
    }
    readable += 1;
    skipped.readable(source);
    if (line.is === 'metric') {
      silent.metric(line, atMs);
      continue;
    }
    endMs = Math.max(endMs, atMs);
    const object = withoutManagers(line.object);
    const kind = kindOf(object) ?? sources[source]?.kind;
    const pod = kind === 'Pod' ? readPod(object) : null;
    if (pod !== null) {
      beginnings.see(line.type, pod, atMs);
      runs.see(object, pod, atMs);
      order.pod(line.type, object, pod, atMs);
    } else if (kind === 'Event') {
      order.event(line.type, object, atMs);
    }
  }
  if (lines === 0 && options.pods.every((_, source) => unreadable.has(source))) {
    throw new Failure('unreadable-file', `${[...unreadable.values()].join('. ')}.`);
  }
  for (const line of order.lines()) take(detectionsOf(line));
  take(detector.flush(endMs));
  const addKill = (kill: Kill): void => findings.add({ is: 'kill', kill, problems: [] });
  for (const kill of findings.kills()) if (kill.suspect && silent.shows(kill)) addKill({ ...kill, suspect: false });
  for (const kill of silent.counted(cluster, findings.kills())) addKill(kill);

  const incidents = findings.incidents();
  const ignored = options.ignored ? findings.ignored() : [];
  if (options.json) for (const found of [...incidents, ...ignored]) io.stdout.write(jsonLine(found));
  else if (readable > 0)
    io.stdout.write(replayText(incidents, ignored, { lines, metrics: options.metrics.length > 0 }));
  for (const words of unreadable.values()) warn(`${words}. What it would have shown is missing.`);
  const malformed = skipped.end();
  if (malformed > 0) warn(`${counted(malformed, 'malformed line')} skipped.`);
  return malformed === 0 && unreadable.size === 0 ? OK : SOMETHING_WAS_SKIPPED;
}

/** Items of a list have no kind of their own. */
function kindOf(object: JsonRecord): string | null {
  return text(object['kind']) ?? ('involvedObject' in object || 'regarding' in object ? 'Event' : null);
}

/** They say nothing about a kill and are a third of a pod. */
function withoutManagers(object: unknown): JsonRecord {
  const { managedFields: _, ...metadata } = record(record(object)['metadata']);
  return { ...record(object), metadata };
}
