import type { Plan } from '../remediate/plan.ts';

/** What a person is asked where the file of a plan differs from the cluster; '' where it does not. */
export function driftQuestion({ drift }: Plan): string {
  if (drift.length === 0) return '';
  const told = drift.map(({ text }) => `• ${text}`).join('\n');
  return `\nThe file differs from the cluster:\n${told}\nThe pull request changes only the lines below. Open it if the rest of the file is right; if not, correct the file first.`;
}

/** The same in short, for a dialog; '' where it does not. */
export function driftNote({ drift }: Plan): string {
  if (drift.length === 0) return '';
  return `The file differs from the cluster in ${drift.map(({ of }) => of).join(', ')}; the thread says how.`;
}
