import type { Pause } from '../../../core/approve/policy.ts';
import type { Incident } from '../../../core/incident/incident.ts';
import { clockTime } from '../../../core/talk/words.ts';
import { escapeLine, mention } from './escape.ts';

/** What stands beside the buttons of an open incident while changes are paused; null otherwise. mrkdwn, escaped. */
export function pauseLine({ state, mode, subject }: Incident, pause: Pause | null, today: number): string | null {
  if (pause === null || state.is === 'closed' || mode === 'observe') return null;
  const { by, at, reason } = pause;
  return `:double_vertical_bar: *Changes in ${escapeLine(subject.cluster)} are paused* by ${mention(by)} since ${clockTime(at, today)}${reasonWords(reason)}. Nothing is approved or applied until an approver says /oom resume.`;
}

/** `: release freeze`; nothing without a reason. */
export function reasonWords(reason: string): string {
  return reason === '' ? '' : `: ${escapeLine(reason)}`;
}
