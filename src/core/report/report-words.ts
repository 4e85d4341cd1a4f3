import type { FixKind, Result } from '../incident/result.ts';
import { roughDuration } from '../units/duration.ts';
import { percent } from '../units/percent.ts';
import { formatBytes } from '../units/quantity.ts';
import type { KindRow, ReportCard } from './report-card.ts';

const kindWords: Readonly<Record<FixKind, string>> = {
  'raise-limit': 'Higher limit',
  'set-heap': 'Heap setting',
  'roll-back': 'Rollback',
  'pull-request': 'Pull request',
};

/** At most this many that were killed again are named. */
const mostNamed = 5;

/** The report card as lines of plain text, not escaped; none where there is nothing to report. */
export function reportLines(card: ReportCard): readonly string[] {
  const { kinds, mitigations, overshoot, toFix } = card;
  const fixes = card.held + card.failed;
  const bought = mitigations.right + mitigations.wrong;
  return [
    ...(fixes === 0 ? [] : [`${card.held} of ${fixesWords(fixes)} held (${percent(card.held / fixes)})`]),
    ...(kinds.length > 1 ? kinds.map(kindLine) : []),
    ...(bought === 0 ? [] : [`Bought time as promised: ${mitigations.right} of ${bought}`]),
    ...(overshoot === null
      ? []
      : [`New limits were ${percent(overshoot.share)} too high on average (measured for ${fixesWords(overshoot.of)})`]),
    ...(toFix === null
      ? []
      : [
          `Usually fixed ${roughDuration(toFix.sinceKillMs)} after the kill, ${roughDuration(toFix.sinceApprovalMs)} after approval (median of ${toFix.of})`,
        ]),
    ...apartLines(card),
    ...killedAgainLines(card.killedAgain),
  ];
}

function kindLine({ kind, held, failed }: KindRow): string {
  return `${kindWords[kind]}: ${held} of ${held + failed} held`;
}

/** What counts neither as held nor as failed. */
function apartLines({ undone, vanished, inconclusive }: ReportCard): readonly string[] {
  const parts = [
    ...(undone === 0 ? [] : [`${undone} taken back by a person`]),
    ...(vanished === 0 ? [] : [`${vanished} reverted before they could be judged`]),
    ...(inconclusive === 0 ? [] : [`${inconclusive} that nobody could measure`]),
  ];
  return parts.length === 0 ? [] : [`Not counted: ${parts.join(', ')}`];
}

function killedAgainLines(killed: readonly Result[]): readonly string[] {
  const more = killed.length - mostNamed;
  return [
    ...killed.slice(0, mostNamed).map(({ subject, incident, limitBytes }) => {
      const place = [subject.namespace, subject.workload.name].filter((part) => part !== null).join('/');
      const at = limitBytes === null ? '' : ` at ${formatBytes(limitBytes)}`;
      return `Killed again: ${place}${at} (${incident})`;
    }),
    ...(more > 0 ? [`… and ${more} more that were killed again`] : []),
  ];
}

function fixesWords(count: number): string {
  return count === 1 ? '1 fix' : `${count} fixes`;
}
