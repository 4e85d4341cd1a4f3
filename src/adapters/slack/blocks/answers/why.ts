import type { EvidenceLine } from '../../../../core/evidence/evidence.ts';
import { queryIn, sourceWords } from '../../../../core/evidence/query-in.ts';
import type { Hypothesis } from '../../../../core/diagnose/diagnosis.ts';
import { latestTrigger, warningOf } from '../../../../core/incident/triggers.ts';
import type { Explained, Loaded } from '../../../../core/incident/incident.ts';
import { standingOf } from '../../../../core/talk/moment.ts';
import { causeWords } from '../../../../core/talk/storm-words.ts';
import { clockTime } from '../../../../core/talk/words.ts';
import { adviceLine } from '../advice-line.ts';
import { type Answer, answerOf, renderSentence } from '../answer.ts';
import { context, section } from '../elements.ts';
import { escapeLine, escapeText, plainText } from '../escape.ts';
import { fitBlocks, limits, preBlock } from '../fit.ts';
import { headline } from '../headline.ts';
import { kept } from './pod-history.ts';
import { linkWords, type ThreadLink } from './show.ts';
import { statusLine } from '../status-line.ts';
import { percent } from '../../../../core/units/percent.ts';
import { limitAt } from '../../../../core/kill/limit-at.ts';

const OTHERS = 3;

/**
 * `/oom why ID`: the verdict with what speaks for and against it, the other causes, and every line of evidence; or where
 * the evidence may not be shown, the verdict and the link to it.
 */
export function renderWhy(loaded: Loaded, elsewhere: ThreadLink | null): Answer {
  const { incident, tally } = loaded;
  const standing = standingOf(incident);
  const kills = warningOf(loaded) !== null ? 'not killed' : `× ${tally.count}`;
  const title = `${headline(loaded, standing)} · ${incident.id} · ${kills}`;
  const { explained } = incident;
  if (explained === null) {
    const still = 'Still collecting evidence; ask again in a few seconds.';
    return answerOf([section(title), section(still)], [title, still]);
  }
  const [verdict, ...others] = explained.diagnosis.hypotheses;
  const queries = elsewhere === null ? explained.evidence.flatMap(queryOf) : [];
  const lines = [
    title,
    ...(verdict === undefined ? [] : [elsewhere === null ? hypothesisLine(verdict) : verdictLine(verdict)]),
    ...(others.length === 0 ? [] : [`*Less likely:*\n${others.slice(0, OTHERS).map(shortLine).join('\n')}`]),
    [adviceLine(explained, limitAt(latestTrigger(loaded))), ...holdsLine(explained)].join('\n'),
    statusLine(incident, standing),
    elsewhere === null ? `*Evidence:*\n${explained.evidence.map(evidenceLine).join('\n')}` : evidenceIn(elsewhere),
  ].filter((line) => line !== null);
  const sections = fitBlocks(
    lines.map((line) => section(line)),
    limits.total - queries.reduce((sum, { heading, query }) => sum + heading.length + query.length, 0),
  );
  return answerOf(
    [...sections, ...queries.flatMap(({ heading, query }) => [context(heading), preBlock(query)])],
    [...lines, ...queries.map(({ heading, query }) => `${heading}\n${escapeText(query)}`)],
  );
}

/** An id that nobody knows: which ones it may have meant. */
export function renderUnknownIncident(id: string, near: readonly string[]): Answer {
  const meant = near.length === 0 ? 'See what is open with /oom list.' : `Did you mean ${near.join(' or ')}?`;
  return renderSentence(`I know no incident ${id}. ${meant}`);
}

/** Names of which nothing is known: which pods they may have meant. */
export function renderUnknownName(names: readonly string[], near: readonly string[]): Answer {
  const meant = near.length === 0 ? kept : `Did you mean ${near.map(escapeLine).join(' or ')}?`;
  const line = `I have seen no memory kill and no exit 137 of *${escapeLine(names.join(' '))}*. ${meant}`;
  return answerOf([section(line)], [line]);
}

/** The number behind the word of the advice. */
function holdsLine({ recommendation: { fix } }: Explained): readonly string[] {
  return 'holds' in fix ? [`• ${percent(fix.holds)} likely to hold`] : [];
}

function evidenceIn(link: ThreadLink): string {
  return `The evidence is only shown in its own channel. ${linkWords(link).mrkdwn}`;
}

function verdictLine({ sentence, confidence, cause }: Hypothesis): string {
  return `*${escapeLine(sentence)}* (${causeWords[cause]}, ${percent(confidence)})`;
}

function hypothesisLine(hypothesis: Hypothesis): string {
  const { for: reasons, against } = hypothesis;
  return [
    verdictLine(hypothesis),
    ...reasons.map((reason) => `• for: ${escapeLine(reason)}`),
    ...against.map((reason) => `• against: ${escapeLine(reason)}`),
  ].join('\n');
}

function shortLine({ sentence, confidence, cause }: Hypothesis): string {
  return `• ${causeWords[cause]} (${percent(confidence)}): ${escapeLine(sentence)}`;
}

function evidenceLine(line: EvidenceLine): string {
  const { label, text, source, at, missing } = line;
  return `• ${escapeLine(label)}: ${missing ? 'missing, ' : ''}${escapeLine(text)} (${escapeLine(sourceWords(source))}, ${clockTime(at)})`;
}

/** Longer ones are cut in no message: half a query is none. They stand in the thread. */
const longestQuery = 2_500;

/** A query as it can be pasted: in a block of its own, in which Slack formats and escapes nothing. */
function queryOf(line: EvidenceLine): readonly { readonly heading: string; readonly query: string }[] {
  const found = queryIn(line.source);
  if (found === null || found.query.length > longestQuery) return [];
  return [
    { heading: `Query for ${escapeLine(line.label)}, ${escapeLine(found.window)}`, query: plainText(found.query) },
  ];
}
