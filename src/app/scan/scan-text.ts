import { styleText } from 'node:util';
import type { Mitigation } from '../../core/recommend/recommendation.ts';
import { counted, sentence } from '../../core/talk/words.ts';
import { formatBytes } from '../../core/units/quantity.ts';
import type { UsageSource } from '../../flow/answer/question-needs.ts';
import { isUndecided } from '../../flow/scan.ts';
import type { Scan, ScanRow } from '../../flow/scan.ts';
import { fixWords, mitigationWords, shortFix } from './advice-words.ts';
import { shownLine, wrapped } from '../command-line/terminal-text.ts';
import { textTable } from '../command-line/text-table.ts';
import { percent } from '../../core/units/percent.ts';
import { roughDuration } from '../../core/units/duration.ts';
import { cut } from '../../core/units/text-bounds.ts';

export interface ScanLook {
  /** Columns of the terminal; Infinity where the text goes into a file. */
  readonly width: number;
  /** ms UTC */
  readonly now: number;
}

/** Longer lines are hard to read, however wide the terminal is. */
const widest = 110;

/**
 * For a person: a table of all subjects, then why, one paragraph a subject, then what it rests on. That there is no usage
 * at all comes first, because it is the reason for much of what follows.
 */
export function scanText({ rows, pods, notes }: Scan, usage: UsageSource, { width, now }: ScanLook): string {
  const room = width === Infinity ? width : Math.min(width, widest);
  const blind = usage.is === 'none' && rows.length > 0;
  const usageLine = `Usage: ${usageWords(usage)}`;
  const paragraphs = [
    ...(blind ? [wrapped(sentence(shownLine(`${usageLine}. ${blindWords}`)), room)] : []),
    ...(rows.length === 0 ? [] : [overview(rows, now, room), ...rows.map((row) => paragraph(row, room))]),
    wrapped(summary(rows, pods), room),
    [...(blind ? [] : [usageLine]), ...withoutEvidence(rows, usage), ...notes.map((note) => `Incomplete: ${note}`)]
      .map((line) => wrapped(sentence(shownLine(line)), room))
      .join('\n'),
  ].filter((text) => text !== '');
  return `${paragraphs.join('\n\n')}\n`;
}

const blindWords =
  'All below rests on run times, exits, logs and specs alone. Set OOMKEEPER_PROMETHEUS_URL and scan again to know more';

/** Where usage came from, or why there is none. */
export function usageWords(usage: UsageSource): string {
  return usage.is === 'prometheus' ? usage.words : `none, because ${usage.why} (${usage.details})`;
}

/** Its names may be cut: they stand in the paragraphs below as they are. */
function overview(rows: readonly ScanRow[], now: number, width: number): string {
  const table = textTable([
    ['KILLS', 'LAST', 'LIMIT', 'VERDICT', 'FIX', 'WORKLOAD'],
    ...rows.map((row) => cells(row, now)),
  ]);
  const [head = '', ...lines] = table.split('\n').map((line) => cut(line, width));
  return [styleText('bold', head), ...lines].join('\n');
}

function cells(row: ScanRow, now: number): readonly string[] {
  const { kill, kills, lastKilledAt, said } = row;
  const limit =
    kill.subject.container === null ? '-' : kill.limitBytes === null ? 'none' : formatBytes(kill.limitBytes);
  const common = [String(kills), `${roughDuration(now - lastKilledAt)} ago`, limit];
  if (said.is === 'undecided') return [...common, 'not decided', '-', named(row)];
  const [verdict] = said.diagnosis.hypotheses;
  const { fix, mitigation } = said.recommendation;
  // How sure it is that nobody knows says nothing to a person.
  if (isOpen(said)) return [...common, 'not clear yet', mitigation === null ? '-' : tried(mitigation), named(row)];
  const words = verdict === undefined ? '-' : `${verdict.cause} ${percent(verdict.confidence)}`;
  return [...common, words, shortFix(fix), named(row)];
}

function paragraph(row: ScanRow, width: number): string {
  const { kill, said } = row;
  const lines = [`${killsWords(row)}; pod ${kill.pod}${kill.node === null ? '' : ` on ${kill.node}`}`];
  if (said.is === 'undecided') {
    lines.push(`Not decided: an exit 137 that nothing explains, and ${said.why}`);
  } else {
    const [verdict] = said.diagnosis.hypotheses;
    const { fix, mitigation } = said.recommendation;
    if (verdict) lines.push(`Why: ${verdict.sentence}`);
    const open = isOpen(said);
    lines.push(open && fix.kind === 'none' ? `Fix: not known yet. ${fix.why}` : `Fix: ${fixWords(fix)}`);
    if (mitigation !== null) lines.push(`${open ? 'To find out' : 'Tonight'}: ${mitigationWords(mitigation)}`);
  }
  const shown = lines.map((line) => wrapped(sentence(shownLine(line)), width, '  '));
  return [styleText('bold', shownLine(named(row))), ...shown].join('\n');
}

function isOpen({ diagnosis }: Extract<ScanRow['said'], { is: 'explained' }>): boolean {
  return diagnosis.hypotheses[0]?.cause === 'inconclusive';
}

function tried({ limitBytes }: Mitigation): string {
  return `try ${formatBytes(limitBytes)}`;
}

function killsWords({ kill, kills, firstKilledAt, lastKilledAt }: ScanRow): string {
  const [first, last] = [timeWords(firstKilledAt), timeWords(lastKilledAt)];
  const sameDay = first.slice(0, 10) === last.slice(0, 10);
  const when = first === last ? last : `${first} to ${sameDay ? last.slice(11) : last}`;
  const restarts = kill.restartCount > kills ? `, ${counted(kill.restartCount, 'restart')}` : '';
  return `${counted(kills, kill.kind === 'eviction' ? 'eviction' : 'kill')}, ${when} UTC${restarts}`;
}

function timeWords(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}

function summary(rows: readonly ScanRow[], pods: number): string {
  const undecided = rows.filter(isUndecided).length;
  const unclear = rows.filter(({ said }) => said.is === 'explained' && isOpen(said)).length;
  const killed = rows.length - undecided;
  const found =
    killed === 0
      ? `No memory kill is visible in ${counted(pods, 'pod')}`
      : `${counted(killed, 'incident')} in ${counted(pods, 'pod')}`;
  const open = unclear === 0 ? '' : `, ${unclear} with a cause that is not clear yet`;
  return `${found}${open}${undecided === 0 ? '' : `, ${undecided} not decided`}. Nothing changed.`;
}

/** A kind of evidence that is missing for some, with the reason of the first. Only Deployments have a history to read. */
function withoutEvidence(rows: readonly ScanRow[], usage: UsageSource): readonly string[] {
  const kinds = { log: 'log', rollout: 'history of its revisions', usage: 'usage', spec: 'spec' } as const;
  return Object.entries(kinds).flatMap(([kind, words]) => {
    if (kind === 'usage' && usage.is === 'none') return [];
    const reasons = rows
      .filter(({ kill }) => kind !== 'rollout' || kill.subject.workload.kind === 'Deployment')
      .filter(({ kill }) => kind !== 'log' || kill.subject.container !== null)
      .flatMap(({ missing }) => missing.filter(({ what }) => what === kind));
    const [first] = reasons;
    if (first === undefined) return [];
    const others = reasons.some(({ reason }) => reason !== first.reason) ? ' (and other reasons)' : '';
    return [`Without the ${words} of ${reasons.length} of ${rows.length}: ${first.reason}${others}`];
  });
}

function named({ kill }: ScanRow): string {
  const { namespace, workload, container } = kill.subject;
  return [`${namespace ?? '-'}/${workload.kind}/${workload.name}`, container ?? ''].join(' ').trim();
}
