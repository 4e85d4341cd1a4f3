import { readTrace, traceFolders } from '../../adapters/recording/read-trace.ts';
import type { TraceInput } from '../../adapters/recording/read-trace.ts';
import { calibrated } from '../../core/diagnose/calibrated.ts';
import { summarize } from '../../core/evaluate/score.ts';
import type { Line, Scored } from '../../core/evaluate/score.ts';
import type { Sized } from '../../core/evaluate/baselines.ts';
import type { Truth } from '../../core/evaluate/truth.ts';
import type { Fix, Mitigation } from '../../core/recommend/recommendation.ts';
import { startProgress } from '../command-line/progress.ts';
import { jsonLine, shownLine } from '../command-line/terminal-text.ts';
import { cutBeforeKill } from './ahead-of-kill.ts';
import { evaluateOptions } from './evaluate-options.ts';
import type { EvaluateOptions } from './evaluate-options.ts';
import { evaluationText } from './evaluate-text.ts';
import { judgeTrace } from './judge-trace.ts';
import type { Judged } from './judge-trace.ts';
import { readTruth } from './read-truth.ts';

export interface EvaluateIo {
  readonly stdout: { readonly write: (text: string) => unknown };
  readonly stderr: { readonly write: (text: string) => unknown };
  /** What is being done, for a person who waits. */
  readonly progress: (step: string, detail?: string) => void;
}

const OK = 0;
const SOMETHING_WAS_SKIPPED = 3;

/** `oomkeeper evaluate …` on the standard streams of this process. @throws Failure */
export async function evaluateCommand(args: readonly string[]): Promise<number> {
  const options = evaluateOptions(args);
  const shown = startProgress(process.stderr);
  try {
    const { stdout, stderr } = process;
    const progress = stderr.isTTY ? shown.say : () => undefined;
    return await evaluate(options, { stdout, stderr, progress });
  } finally {
    shown.end();
  }
}

/** Judges every trace of a folder, then scores where truths exist. Returns the exit code. @throws Failure `no-traces`, `bad-truth` */
export async function evaluate({ dir, json }: EvaluateOptions, io: EvaluateIo): Promise<number> {
  const folders = traceFolders(dir);
  const all: { readonly folder: string; readonly trace: TraceInput; readonly judged: Judged; readonly line: Line }[] =
    [];
  for (const folder of folders) {
    io.progress('judging traces', `${all.length} of ${folders.length}`);
    const trace = readTrace(folder);
    // A worker runs for weeks: what a path costs when it is first taken, to be compiled, is not counted.
    await judgeTrace(trace);
    const { judged, line } = await judgedLine(trace);
    all.push({ folder, trace, judged, line });
    if (json) io.stdout.write(jsonLine(line));
  }
  const truths = all.map(({ folder }) => readTruth(folder));
  io.progress('scoring');
  const scored: Scored[] = [];
  for (const [index, { trace, judged, line }] of all.entries()) {
    const truth = truths[index];
    if (truth) scored.push(await score(trace, judged, line, truth));
  }
  const summary = scored.length === 0 ? null : summarize(scored);
  if (json && summary !== null) io.stdout.write(jsonLine(summary));
  if (!json)
    io.stdout.write(
      evaluationText(
        all.map(({ line }, index) => ({ line, truth: truths[index] ?? null })),
        scored,
        summary,
      ),
    );
  const problems = all.flatMap(({ trace }) => trace.problems.map((problem) => `${trace.id}: ${problem}`));
  for (const problem of problems) io.stderr.write(`${shownLine(problem)}\n`);
  return problems.length === 0 ? OK : SOMETHING_WAS_SKIPPED;
}

/** The line of one trace, with the CPU time that its verdict took. */
export async function judgedLine(
  trace: TraceInput,
  confidenceOf = calibrated,
): Promise<{ readonly judged: Judged; readonly line: Line }> {
  const before = process.cpuUsage();
  const judged = await judgeTrace(trace, confidenceOf);
  const { user, system } = process.cpuUsage(before);
  const { id, verdict, confidence, recommendation, nextKillAt } = judged;
  const line: Line = {
    id,
    verdict,
    confidence,
    fix: fixOf(recommendation?.fix ?? null),
    mitigation: mitigationOf(recommendation?.mitigation ?? null),
    nextKillAt: nextKillAt === null ? null : new Date(nextKillAt).toISOString(),
    cpuMs: Math.round((user + system) / 10) / 100,
  };
  return { judged, line };
}

function fixOf(fix: Fix | null): Line['fix'] {
  if (fix === null) return { kind: 'none', bytes: null, holds: null };
  const bytes = 'limitBytes' in fix ? fix.limitBytes : 'requestBytes' in fix ? fix.requestBytes : null;
  return { kind: fix.kind, bytes, holds: 'holds' in fix ? fix.holds : null };
}

function mitigationOf(mitigation: Mitigation | null): Line['mitigation'] {
  if (mitigation === null) return null;
  const { kind, limitBytes, buysMs } = mitigation;
  return { kind, bytes: limitBytes, buysSeconds: buysMs === null ? null : Math.round(buysMs / 1000) };
}

/** A verdict beside the truth. */
export async function score(trace: TraceInput, judged: Judged, line: Line, truth: Truth): Promise<Scored> {
  const timeError = truth.label === 'leak' ? await foretold(trace, truth) : undefined;
  const scored = { line, truth, wasKilled: judged.basis !== null, sized: sizedBy(trace, judged) };
  return timeError === undefined ? scored : { ...scored, timeError };
}

/** How far the time to the kill is off if only 60% of a run are shown. */
async function foretold(trace: TraceInput, truth: Truth): Promise<number | null | undefined> {
  const cut = cutBeforeKill(trace, truth);
  if (cut === null) return undefined;
  const { nextKillAt } = await judgeTrace(cut.input);
  return nextKillAt === null ? null : Math.abs(nextKillAt - cut.killedAt) / (cut.killedAt - cut.at);
}

function sizedBy({ rows }: TraceInput, { basis }: Judged): Sized | null {
  const kill = basis?.kill;
  const limitBytes = kill?.limitInForceBytes ?? kill?.limitBytes ?? rows.at(-1)?.limitBytes ?? null;
  if (limitBytes === null) return null;
  const observedBytes = rows.reduce((most, { workingSetBytes }) => Math.max(most, workingSetBytes ?? 0), 0);
  return { observedBytes, limitBytes, requestBytes: kill?.requestBytes ?? null };
}
