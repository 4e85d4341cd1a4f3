import { mergeByTime } from '../adapters/recording/merge-by-time.ts';
import { readRecording } from '../adapters/recording/read-recording.ts';
import type { Detection } from '../core/kill/detection.ts';
import type { Detector } from '../core/kill/detector.ts';
import { createDetector } from '../core/kill/detector.ts';
import { record, text } from '../core/kill/json-read.ts';
import { createBeginnings } from './replay-beginnings.ts';
import { createFindings } from './replay-findings.ts';
import type { ReplayOptions } from './replay-options.ts';
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
  const sources = [
    ...options.pods.map((file) => ({ file, kind: 'Pod' })),
    ...options.events.map((file) => ({ file, kind: 'Event' })),
  ];
  let lines = 0;
  let skipped = 0;

  for await (const { atMs, source, line } of mergeByTime(sources.map(({ file }) => readRecording(file, io.stdin)))) {
    lines += 1;
    if (line.is === 'malformed') {
      skipped += 1;
      io.stderr.write(`${line.file}:${line.lineNumber}: malformed line skipped: ${line.why}\n`);
      continue;
    }
    const kind = text(record(line.object)['kind']) ?? sources[source]?.kind;
    if (kind === 'Pod') beginnings.see(line.type, line.object, atMs);
    for (const detection of detect(detector, kind, line, atMs)) findings.add(detection);
  }
  for (const detection of detector.flush()) findings.add(detection);

  const incidents = findings.incidents();
  const ignored = options.ignored ? findings.ignored() : [];
  if (options.json) {
    for (const found of [...incidents, ...ignored]) io.stdout.write(`${JSON.stringify(found)}\n`);
  } else {
    io.stdout.write(replayText(incidents, ignored, lines));
  }
  if (options.metrics.length > 0) io.stderr.write('--metrics is not read yet.\n');
  if (skipped === 0) return OK;
  io.stderr.write(`${skipped} malformed ${skipped === 1 ? 'line' : 'lines'} skipped.\n`);
  return LINES_WERE_SKIPPED;
}

function detect(
  detector: Detector,
  kind: string | undefined,
  line: { readonly type: string; readonly object: unknown },
  atMs: number,
): readonly Detection[] {
  if (kind === 'Pod') return detector.pod(line.type, line.object, { atMs });
  if (kind === 'Event') return detector.event(line.type, line.object, atMs);
  return detector.tick(atMs);
}
