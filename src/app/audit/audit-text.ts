import { styleText } from 'node:util';
import type { AuditLine } from '../../core/incident/audit.ts';
import { sentence } from '../../core/talk/words.ts';
import { shownLine, wrapped } from '../command-line/terminal-text.ts';
import { textTable } from '../command-line/text-table.ts';

/**
 * For a person: two lines each: who did what to what, and the text that was shown. `width`: columns, Infinity for a
 * file.
 */
export function auditText(lines: readonly AuditLine[], width: number): string {
  const [head = '', ...rows] = textTable([
    ['TIME (UTC)', 'INCIDENT', 'WHAT', 'BY', 'SUBJECT'],
    ...lines.map(({ at, incident, what, by, subject }) => [
      new Date(at).toISOString().slice(0, 19).replace('T', ' '),
      incident ?? '-',
      what,
      by ?? 'Oomkeeper',
      subject,
    ]),
  ]).split('\n');
  const told = lines.map(({ plan, text }, index) => {
    const words = sentence(shownLine(`${plan === null ? '' : `${plan}: `}${text}`));
    return `${rows[index]}\n${wrapped(words, width, '    ')}`;
  });
  return [styleText('bold', head), ...told].map((one) => `${one}\n`).join('');
}
