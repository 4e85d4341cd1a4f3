import { dayMs } from '../units/duration.ts';
import type { Entry } from './incident.ts';

/*
 * An incident that ends the process that works on it. One end proves nothing (a node was lost, a worker was updated),
 * and all incidents that were worked on at that moment look alike. So what a process left unfinished is worked on by
 * itself from then on, and after three ends in a row it is set aside: it must not end each process that is started.
 */

/** So many processes in a row that ended in the middle of it are no accident. */
export const mostCrashes = 3;

/** Why a suspect is kept undecided without a look at the evidence: reading that may be what ends the process. */
export const notJudged = 'the worker ended each time that it looked at the evidence, so it is not looked at again';

/** It is tried once more after this; one more end sets it aside again. */
export const asideMs = dayMs;

/** What the thread says when no worker works on it any more. `at` is ms UTC. */
export function setAsideEntry(at: number): Entry {
  return entry(
    at,
    'Set aside: three times in a row the worker was killed or ran out of memory while it worked on this incident. ' +
      'Kills are still counted, but nothing is explained or changed here for now. It is tried once more in a day, or ' +
      'as soon as someone clicks a button of this incident. If that ends the same way, give the worker more memory ' +
      'or update it, and report what its log says last.',
  );
}

/** What stands in its place, or in its thread, when the bot does not show it any more. */
export function cannotShowEntry(incident: string, at: number): Entry {
  return entry(
    at,
    `${incident} cannot be shown for now: three times in a row the bot was killed or ran out of memory while it ` +
      'showed it. All other threads go on. It is tried once more in a day, or as soon as someone clicks a button ' +
      'of it. If that ends the same way, give the bot more memory or update it, and report what its log says last.',
  );
}

function entry(at: number, text: string): Entry {
  return { at, audience: { to: 'thread' }, kind: 'audit', text, people: [], pre: null, broadcast: true, chart: null };
}
