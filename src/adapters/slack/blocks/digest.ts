import { hasLimit, whatWouldDecide } from '../../../core/talk/pod-history.ts';
import type { Undecided } from '../../../core/talk/digest.ts';
import { killedAtMs } from '../../../core/kill/kill.ts';
import { clockTime } from '../../../core/talk/words.ts';
import { type Answer, answerOf } from './answer.ts';
import { context, section } from './elements.ts';
import { escapeLine } from './escape.ts';
import { fit, limits } from './fit.ts';

const SHOWN = 20;

/** The daily message about unexplained exits, oldest first. */
export function renderDigest(suspects: readonly Undecided[]): Answer {
  const count = suspects.length;
  const title = `:large_yellow_circle: *Undecided* ${count === 1 ? '1 exit' : `${count} exits`} of the last day may have been a memory kill`;
  const lines = suspects.slice(0, SHOWN).map(suspectLine);
  const notes = [
    ...(count > SHOWN ? [`… and ${count - SHOWN} more`] : []),
    'None of these opened a thread. One that is decided later does. More about one: `/oom why POD`',
  ];
  return answerOf(
    [...[title, ...lines].map((line) => section(fit(line, limits.section))), ...notes.map((note) => context(note))],
    [title, ...lines, ...notes],
  );
}

function suspectLine({ kill, why }: Undecided): string {
  const { cluster, namespace } = kill.subject;
  const place = escapeLine([cluster, namespace].filter((part) => part !== null).join('/'));
  const whose = `*${escapeLine(kill.pod)}* (${escapeLine(kill.subject.container ?? 'the whole pod')}) · ${place}`;
  const ended = `exit ${kill.exitCode ?? 'without a code'} at ${clockTime(killedAtMs(kill))}`;
  return `${whose} · ${ended}: ${escapeLine(why)}. ${whatWouldDecide(hasLimit(kill))}`;
}
