import { envWords } from '../../core/recommend/env-words.ts';
import type { Fix, Mitigation } from '../../core/recommend/recommendation.ts';
import { sentence } from '../../core/talk/words.ts';
import { formatBytes } from '../../core/units/quantity.ts';
import { percent } from '../../core/units/percent.ts';
import { roughDuration } from '../../core/units/duration.ts';

/** A fix in so few words that they fit into a table. */
export function shortFix(fix: Fix): string {
  switch (fix.kind) {
    case 'raise-limit':
      return `${fix.whose === 'pod' ? 'pod limit' : 'limit'} ${formatBytes(fix.limitBytes)}`;
    case 'set-heap':
      return `limit ${formatBytes(fix.limitBytes)} + heap`;
    case 'roll-back':
      return 'roll back';
    case 'move-volume':
      return 'move volume';
    case 'adjust-requests':
      return `request ${formatBytes(fix.requestBytes)}`;
    case 'fix-leak':
      return 'fix the leak';
    case 'add-node-memory':
      return 'node memory';
    case 'none':
      return 'none';
  }
}

/** What ends it, to which value, and why: whole sentences with the words of others in them. */
export function fixWords(fix: Fix): string {
  return `${sentence(deedOf(fix))} ${fix.why}`.trimEnd();
}

/** What buys time tonight, and how much. */
export function mitigationWords({ limitBytes, buysMs, why, whose }: Mitigation): string {
  const buys = buysMs === null ? '' : `, which buys about ${roughDuration(buysMs)}`;
  return `Raise the ${nameOf(whose)} to ${formatBytes(limitBytes)}${buys}. ${why}`.trimEnd();
}

function nameOf(whose: Mitigation['whose']): string {
  return whose === 'pod' ? "pod's limit (spec.resources.limits.memory)" : 'limit';
}

function deedOf(fix: Fix): string {
  switch (fix.kind) {
    case 'raise-limit':
      return `Raise the ${nameOf(fix.whose)} to ${formatBytes(fix.limitBytes)}, ${percent(fix.holds)} likely to hold`;
    case 'set-heap':
      // Never the whole value of a variable: the rest of it may hold secrets.
      return `Limit ${formatBytes(fix.limitBytes)}${fix.env.map((one) => ` and ${envWords(one)}`).join('')}, ${percent(fix.holds)} likely to hold`;
    case 'roll-back':
      return fix.toRevision === null ? 'Roll back to the revision before' : `Roll back to revision ${fix.toRevision}`;
    case 'move-volume':
      return `Move the volume ${fix.volume} (${fix.mountPath}) off memory`;
    case 'adjust-requests':
      return `Raise the request${fix.pod === undefined ? '' : ` of ${fix.pod}`} to ${formatBytes(fix.requestBytes)}`;
    case 'fix-leak':
      return 'Fix the leak';
    case 'add-node-memory':
      return 'Give the node more memory, or fewer pods';
    case 'none':
      return 'Nothing to change';
  }
}
