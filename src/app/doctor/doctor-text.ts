import { styleText } from 'node:util';
import { counted } from '../../core/talk/words.ts';
import { jsonLine, shownLine, wrapped } from '../command-line/terminal-text.ts';
import { areas, states } from './finding.ts';
import type { Finding } from './finding.ts';

/** One object a line, then the summary with how many are in each state. */
export function doctorJson(findings: readonly Finding[]): string {
  const lines = findings.map(({ area, what, state, text, mend }) => ({
    area,
    what,
    state,
    text,
    mend: mend?.text ?? null,
    helm: mend?.helm ?? null,
    kustomize: mend?.kustomize ?? null,
  }));
  const counts = states.map((state) => [state, findings.filter((one) => one.state === state).length]);
  return [...lines, { summary: true, ...Object.fromEntries(counts) }].map(jsonLine).join('');
}

const marks = { ok: '✓', warning: '!', problem: '✗', skipped: '·' } as const;
const styles = { ok: 'green', warning: 'yellow', problem: 'red', skipped: 'gray' } as const;
/** Longer lines are hard to read, however wide the terminal is. */
const widest = 110;

export interface TextOptions {
  /** Columns; Infinity for a file. */
  readonly width: number;
  /** Whether what was installed by Helm or Kustomize is to be fixed by them. */
  readonly isInstalled: boolean;
}

/** For a person: the areas with their findings, and how to fix each. */
export function doctorText(findings: readonly Finding[], { width, isInstalled }: TextOptions): string {
  const room = width === Infinity ? width : Math.min(width, widest);
  const sections = areas
    .map((area) => ({ area, found: together(findings.filter((one) => one.area === area)) }))
    .filter(({ found }) => found.length > 0)
    .map(
      ({ area, found }) =>
        `${styleText('bold', area)}\n${found.map((one) => paragraph(one, room, isInstalled)).join('\n')}`,
    );
  return `${[...sections, summary(findings)].join('\n\n')}\n`;
}

/** Merges those of a group that are fine or were skipped. */
function together(findings: readonly Finding[]): readonly Finding[] {
  return findings.flatMap((one) => {
    const { oneOf, state, text } = one;
    if (oneOf === undefined || state === 'warning' || state === 'problem') return one;
    const group = findings.filter((other) => other.oneOf === oneOf);
    const alike = group.filter((other) => other.state === state);
    if (one !== alike[0]) return [];
    const told = state === 'ok' ? `${alike.length} of ${group.length} are there.` : `${alike.length} of them: ${text}`;
    return { ...one, what: oneOf, text: told };
  });
}

const indent = ' '.repeat(13);

function paragraph({ what, state, text, mend }: Finding, width: number, isInstalled: boolean): string {
  const mark = `${marks[state]} ${state}`;
  const words = wrapped(shownLine(`${what}: ${text}`), width, indent).trimStart();
  const head = `  ${styleText(styles[state], mark)}${' '.repeat(indent.length - 2 - mark.length)}${words}`;
  if (mend === null) return head;
  // Never broken, so that they can be copied.
  const ways = isInstalled ? [wayOf('Helm', mend.helm), wayOf('Kustomize', mend.kustomize)] : [];
  return [head, wrapped(`To fix it: ${shownLine(mend.text)}`, width, indent), ...ways.flat()].join('\n');
}

function wayOf(tool: string, line: string | null): readonly string[] {
  return line === null ? [] : [`${indent}With ${tool}: ${shownLine(line)}`];
}

function summary(findings: readonly Finding[]): string {
  const problems = findings.filter(({ state }) => state === 'problem').length;
  const warnings = findings.filter(({ state }) => state === 'warning').length;
  return problems + warnings === 0
    ? 'All is well.'
    : `${counted(problems, 'problem')}, ${counted(warnings, 'warning')}.`;
}
