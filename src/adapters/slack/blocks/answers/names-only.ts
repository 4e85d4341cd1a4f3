import { warningOf } from '../../../../core/incident/triggers.ts';
import type { Loaded } from '../../../../core/incident/incident.ts';
import { standingOf } from '../../../../core/talk/moment.ts';
import { clockTime } from '../../../../core/talk/words.ts';
import { type Answer, answerOf } from '../answer.ts';
import { section } from '../elements.ts';
import { headline } from '../headline.ts';
import { linkWords, type ThreadLink } from './show.ts';

const WHY = 'The cause and its evidence are only shown in its own channel.';

/** `/oom why` and `/oom show` where only names may be shown: that there is an incident, and where to read about it. */
export function renderNamesOnly(loaded: Loaded, link: ThreadLink): Answer {
  const { incident, tally } = loaded;
  const kills = warningOf(loaded) !== null ? 'not killed' : `× ${tally.count}, last at ${clockTime(tally.lastAt)}`;
  const title = `${headline(loaded, standingOf(incident))} · ${incident.id} · ${kills}`;
  const where = linkWords(link);
  return answerOf([section(title), section(`${WHY} ${where.mrkdwn}`)], [title, WHY, where.text]);
}
