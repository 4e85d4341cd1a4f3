import { mergeByTime } from '../adapters/recording/merge-by-time.ts';
import { readRecording } from '../adapters/recording/read-recording.ts';
import { readRecordedLine, readRecordedMetric } from '../adapters/recording/recorded-line.ts';
import type { Detection } from '../core/kill/detection.ts';
import { createDetector } from '../core/kill/detector.ts';
import { readOomReport } from '../core/kill/oom-report.ts';
import { record, text } from '../core/kill/json-read.ts';
import { createBeginnings } from './replay-beginnings.ts';
import { createFindings } from './replay-findings.ts';
import type { ReplayOptions } from './replay-options.ts';
import { createSilentEvidence } from './replay-silent.ts';
import { replayText } from './replay-text.ts';

export interface ReplayIo {
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: { readonly write: (text: string) => unknown };
  readonly stderr: { readonly write: (text: string) => unknown };
}

const OK = 0;
const LINES_WERE_SKIPPED = 3;

/**
 * `oomkeeper replay`: runs recorded watch streams through the detector and prints the incidents that would have been
 * opened (evaluation.md). Files are streamed, so memory is proportional to pods and kills. Answers with the exit code.
 * @throws Failure `unreadable-file`
 */
export async function replay(options: ReplayOptions, io: ReplayIo): Promise<number> {
  const detector = createDetector({ cluster: 'replay' });
  const beginnings = createBeginnings();
  const findings = createFindings(beginnings.isBeforeWatch);
  const silent = createSilentEvidence();
  const sources = [
    ...options.pods.map((file) => ({ file, kind: 'Pod', read: readRecordedLine })),
    ...options.events.map((file) => ({ file, kind: 'Event', read: readRecordedLine })),
    ...options.metrics.map((file) => ({ file, kind: null, read: readRecordedMetric })),
  ];
  let lines = 0;
  let endMs = Number.NEGATIVE_INFINITY;
  let skipped = 0;
  const take = (found: readonly Detection[]): void => {
    for (const one of found) findings.add(one);
  };

  const recordings = sources.map(({ file, read }) => readRecording(file, io.stdin, read));
  for await (const { atMs, source, line } of mergeByTime(recordings)) {
    lines += 1;
    if (line.is === 'malformed') {
      skipped += 1;
      io.stderr.write(`${line.file}:${line.lineNumber}: malformed line skipped: ${line.why}\n`);
      continue;
    }
    if (line.is === 'metric') {
      silent.metric(line, atMs);
      continue;
    }
    endMs = Math.max(endMs, atMs);
    const kind = text(record(line.object)['kind']) ?? sources[source]?.kind;
    if (kind === 'Pod') {
      beginnings.see(line.type, line.object, atMs);
      silent.pod(line.object);
      take(detector.pod(line.type, line.object, { atMs }));
    } else if (kind === 'Event') {
      const podUid = readOomReport(line.object)?.place?.podUid;
      const isEarly = podUid !== undefined && silent.podOf(podUid) === undefined;
      if (isEarly) silent.report(line.type, line.object, atMs);
      else take(detector.event(line.type, line.object, { atMs }, silent.podOf));
    } else {
      take(detector.tick(atMs));
    }
  }
  take(silent.tell(detector));
  take(detector.flush(endMs));
  for (const suspect of findings.suspects()) {
    if (silent.shows(suspect)) findings.add({ is: 'kill', kill: { ...suspect, suspect: false }, problems: [] });
  }

  const incidents = findings.incidents();
  const ignored = options.ignored ? findings.ignored() : [];
  if (options.json) {
    for (const found of [...incidents, ...ignored]) io.stdout.write(`${JSON.stringify(found)}\n`);
  } else {
    io.stdout.write(replayText(incidents, ignored, lines));
  }
  if (skipped === 0) return OK;
  io.stderr.write(`${skipped} malformed ${skipped === 1 ? 'line' : 'lines'} skipped.\n`);
  return LINES_WERE_SKIPPED;
}
