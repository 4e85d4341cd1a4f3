import { isDeepStrictEqual } from 'node:util';
import { ignoredWords } from '../../../../core/talk/ignored-words.ts';
import { killWords } from '../../../../core/talk/kill-words.ts';
import { whatWouldDecide, type Happened } from '../../../../core/talk/pod-history.ts';
import { clockTime } from '../../../../core/talk/words.ts';
import { type Answer, answerOf } from '../answer.ts';
import { context, section } from '../elements.ts';
import { escapeLine } from '../escape.ts';

const SHOWN = 20;

export interface PodHistoryInput {
  /** As it was typed. */
  readonly word: string;
  /** Oldest first; at least one. */
  readonly happened: readonly Happened[];
  /** Incident -> address of its thread. */
  readonly links: ReadonlyMap<string, string>;
  /** ms UTC */
  readonly now: number;
}

/** How long what is told here is kept. */
export const kept =
  'Ignored exits are kept for 8 days, 500 of a cluster; kills for 30 days, the last 20 of an incident one by one.';

/** `/oom why POD`: each termination that looked like a memory kill, and what it was; the last `most`. */
export function renderPodHistory({ word, happened, links, now }: PodHistoryInput, most: number = SHOWN): Answer {
  const title = `*${escapeLine(word)}*: ${happened.length === 1 ? '1 exit' : `${happened.length} exits`} that looked like a memory kill`;
  const runs = runsOf(happened);
  const lines = runs.slice(-most).map((run) => `• ${lineOf(run, links, now)}`);
  const more = runs.length > most ? [`The last ${most} are shown.`] : [];
  const notes = [...more, kept];
  return answerOf(
    [section(title), ...lines.map((line) => section(line)), ...notes.map((note) => context(note))],
    [title, ...lines, ...notes],
  );
}

/** The same thing several times in a row. */
interface Run {
  readonly first: Happened;
  readonly last: Happened;
  readonly times: number;
}

/** Merges repetitions: a crash loop is one line, not twenty. */
function runsOf(happened: readonly Happened[]): readonly Run[] {
  const runs: Run[] = [];
  for (const one of happened) {
    const run = runs.at(-1);
    if (run !== undefined && isSame(run.last, one)) runs.splice(-1, 1, { ...run, last: one, times: run.times + 1 });
    else runs.push({ first: one, last: one, times: 1 });
  }
  return runs;
}

function isSame({ at: _at, ...one }: Happened, { at: _other, ...next }: Happened): boolean {
  return isDeepStrictEqual(one, next);
}

function lineOf({ first, last, times }: Run, links: ReadonlyMap<string, string>, now: number): string {
  const { pod, subject, exitCode } = last;
  const place = [subject.cluster, subject.namespace, pod].filter((part) => part !== null).join('/');
  const inside = subject.container === null ? '' : ` (${escapeLine(subject.container)})`;
  const what = exitCode === null ? 'what happened' : `exit ${exitCode}`;
  const when =
    times === 1
      ? `at ${clockTime(last.at, now)}`
      : `at ${clockTime(last.at, now)} (${times} times since ${clockTime(first.at, now)})`;
  const head = `${escapeLine(place)}${inside}: ${what} ${when}`;
  switch (last.is) {
    case 'kill':
      return `${head} was a memory kill (${killWords[last.kind]}), counted in ${incidentLink(last.incident, links)}`;
    case 'ignored':
      return `${head} ${escapeLine(ignoredWords(last.reason))}`;
    case 'suspect':
      return `${head} is undecided: ${escapeLine(last.why)}. ${whatWouldDecide(last.hasLimit)}`;
  }
}

function incidentLink(incident: string, links: ReadonlyMap<string, string>): string {
  const url = links.get(incident) ?? '';
  return /^https?:\/\/[^\s<>|]+$/.test(url) ? `<${url}|${incident}>` : incident;
}
