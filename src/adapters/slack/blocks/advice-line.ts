import type { Explained } from '../../../core/incident/incident.ts';
import { envWords } from '../../../core/recommend/env-words.ts';
import type { Fix, Mitigation } from '../../../core/recommend/recommendation.ts';
import { formatBytes } from '../../../core/units/quantity.ts';
import { escapeLine } from './escape.ts';
import { confidenceWord } from '../../../core/talk/confidence-word.ts';
import { roughDuration } from '../../../core/units/duration.ts';

/**
 * What fixes it, what buys time tonight, and why there is no button if there is none; `limitBytes` is that of the kill.
 * mrkdwn, escaped.
 */
export function adviceLine(
  { diagnosis, recommendation, noPlan, noRollBack, noPullRequest }: Explained,
  limitBytes: number | null,
): string {
  const lines = [fixLine(recommendation.fix, diagnosis.hypotheses[0]?.confidence ?? 0, limitBytes)];
  if (recommendation.mitigation !== null) lines.push(mitigationLine(recommendation.mitigation));
  if (noPlan !== null) lines.push(`*No button:* ${escapeLine(noPlan)}`);
  if (noRollBack !== null) lines.push(`*No roll back:* ${escapeLine(noRollBack)}`);
  if (noPullRequest !== null) lines.push(`*No pull request:* ${escapeLine(noPullRequest)}`);
  return lines.join('\n');
}

/** `512Mi`, with the request where it differs from the limit. */
export function sizeWords({
  limitBytes,
  requestBytes,
}: {
  limitBytes: number | null;
  requestBytes: number | null;
}): string {
  if (limitBytes === null) return 'no limit';
  const request = requestBytes === null || requestBytes === limitBytes ? '' : ` (request ${formatBytes(requestBytes)})`;
  return `${formatBytes(limitBytes)}${request}`;
}

/** `buys about 6 h`; null if unknown. */
export function buysWords({ buysMs }: Mitigation): string | null {
  return buysMs === null ? null : `buys about ${roughDuration(buysMs)}`;
}

/** A size is as sure as it is likely to hold, anything else as its cause. */
function fixLine(fix: Fix, confidence: number, limitBytes: number | null): string {
  const sure = ` (confidence ${confidenceWord('holds' in fix ? fix.holds : confidence)}).`;
  const why = escapeLine(fix.why);
  switch (fix.kind) {
    case 'raise-limit':
      return `*Fix:* raise ${limitName(fix)} to ${sizeWords(fix)}${sure} ${why}`.trimEnd();
    case 'set-heap':
      return `*Fix:* ${heapWords(fix, limitBytes)}${sure} ${why}`.trimEnd();
    case 'move-volume':
      return `*Fix:* move the volume ${escapeLine(fix.volume)} (${escapeLine(fix.mountPath)}) off memory: emptyDir.medium: ""${sure} ${why}`.trimEnd();
    case 'adjust-requests':
      return `*Fix:* raise the request${fix.pod === undefined ? '' : ` of ${escapeLine(fix.pod)}`} to ${formatBytes(fix.requestBytes)}${sure} ${why}`.trimEnd();
    case 'add-node-memory':
      return `*Fix:* more memory for the node, or fewer pods on it${sure} ${why}`.trimEnd();
    case 'fix-leak':
      return why === '' ? `*Fix:* the leak itself${sure}` : why;
    case 'roll-back':
      return `*Fix:* roll back to ${fix.toRevision === null ? 'the revision before' : `revision ${escapeLine(fix.toRevision)}`}${sure} ${why}`.trimEnd();
    case 'none':
      return `*Nothing to change:* ${why === '' ? 'no change would help.' : why}`;
  }
}

/** Which limit is meant: a pod may have one as a whole. */
function limitName({ whose }: Pick<Mitigation, 'whose'>): string {
  return whose === 'pod' ? "the pod's limit (spec.resources.limits.memory)" : 'the limit';
}

/** Limit and flag together: one without the other makes kills certain or leaves the raise unused. */
function heapWords(
  { limitBytes, requestBytes, env, heapBytes }: Extract<Fix, { kind: 'set-heap' }>,
  before: number | null,
): string {
  const flags = env.map((one) => escapeLine(envWords(one))).join(' and ');
  const gives = `, which gives a heap of ${formatBytes(heapBytes)}`;
  if (limitBytes === before) return `${flags}${gives}; the limit stays ${formatBytes(limitBytes)}`;
  return `limit ${sizeWords({ limitBytes, requestBytes })} and ${flags}${gives}`;
}

function mitigationLine(mitigation: Mitigation): string {
  const { buysMs } = mitigation;
  const more = buysMs === null ? '' : ` (about ${roughDuration(buysMs)} more)`;
  const why = escapeLine(mitigation.why);
  return `*To buy time:* raise ${limitName(mitigation)} to ${sizeWords(mitigation)}${more}. ${why}`.trimEnd();
}
