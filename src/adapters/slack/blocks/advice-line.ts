import type { Explained } from '../../../core/incident/incident.ts';
import { envWords } from '../../../core/recommend/env-words.ts';
import type { Fix, Mitigation } from '../../../core/recommend/recommendation.ts';
import { formatBytes } from '../../../core/units/quantity.ts';
import { escapeLine } from './escape.ts';
import { percent } from '../../../core/units/percent.ts';
import { roughDuration } from '../../../core/units/duration.ts';

/** What fixes it, what buys time tonight, and why there is no button if there is none. mrkdwn, escaped. */
export function adviceLine({ recommendation, noPlan, noRollBack, noPullRequest }: Explained): string {
  const lines = [fixLine(recommendation.fix)];
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

function fixLine(fix: Fix): string {
  const why = escapeLine(fix.why);
  switch (fix.kind) {
    case 'raise-limit':
      return `*Fix:* raise ${limitName(fix)} to ${sizeWords(fix)}, ${percent(fix.holds)} likely to hold. ${why}`.trimEnd();
    case 'set-heap':
      return `*Fix:* ${heapWords(fix)}, ${percent(fix.holds)} likely to hold. ${why}`.trimEnd();
    case 'move-volume':
      return `*Fix:* move the volume ${escapeLine(fix.volume)} (${escapeLine(fix.mountPath)}) off memory: emptyDir.medium: "". ${why}`.trimEnd();
    case 'adjust-requests':
      return `*Fix:* raise the request${fix.pod === undefined ? '' : ` of ${escapeLine(fix.pod)}`} to ${formatBytes(fix.requestBytes)}. ${why}`.trimEnd();
    case 'add-node-memory':
      return `*No number ends this:* the node needs more memory, or fewer pods. ${why}`.trimEnd();
    case 'fix-leak':
      return `*No number ends this:* ${why === '' ? 'the leak has to be fixed.' : why}`;
    case 'roll-back':
      return `*Fix:* roll back to ${fix.toRevision === null ? 'the revision before' : escapeLine(fix.toRevision)}. ${why}`.trimEnd();
    case 'none':
      return `*Nothing to change:* ${why === '' ? 'no change would help.' : why}`;
  }
}

/** Which limit is meant: a pod may have one as a whole. */
function limitName({ whose }: Pick<Mitigation, 'whose'>): string {
  return whose === 'pod' ? "the pod's limit (spec.resources.limits.memory)" : 'the limit';
}

/** Limit and flag together: one without the other makes kills certain or leaves the raise unused. */
function heapWords({ limitBytes, requestBytes, env, heapBytes }: Extract<Fix, { kind: 'set-heap' }>): string {
  const flags = env.map((one) => ` and ${escapeLine(envWords(one))}`).join('');
  return `limit ${sizeWords({ limitBytes, requestBytes })}${flags}, which gives a heap of ${formatBytes(heapBytes)}`;
}

function mitigationLine(mitigation: Mitigation): string {
  const buys = buysWords(mitigation);
  const why = escapeLine(mitigation.why);
  return `*To get through the night:* raise ${limitName(mitigation)} to ${sizeWords(mitigation)}${buys === null ? '' : `; ${buys}`}. ${why}`.trimEnd();
}
