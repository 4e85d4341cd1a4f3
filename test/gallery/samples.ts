import { commandAnswers } from './answers.ts';
import { dialogs } from './dialogs.ts';
import { home } from './home.ts';
import { pauses } from './pauses.ts';
import { roots } from './roots.ts';
import type { Section } from './sample.ts';
import { storms } from './storms.ts';
import { summaries } from './summaries.ts';
import { thread } from './thread.ts';

/**
 * Everything that people see in Slack, by name. A new phase, event, verdict or command has its sample in the file of its
 * section; most of them do not compile, or fail gallery.test.ts, until it is there.
 */
export function samples(): readonly Section[] {
  return [...roots(), thread(), storms(), pauses(), home(), summaries(), commandAnswers(), dialogs()];
}
