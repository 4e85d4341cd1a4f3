import type { JsonRecord } from '../../kill/json-read.ts';
import { counted } from '../../talk/words.ts';
import { differenceWords } from '../difference-words.ts';
import { raisesPrivileges } from './raises-privileges.ts';
import { templateDifferences } from './template-differences.ts';

/** What a message shows of it in full (3000 characters at Slack), with the line that names the object above it. */
const mostShown = 2600;
/** So many reasons are named, each up to this length. */
const mostReasons = 4;
const longestReason = 140;

export type MayRollBack =
  | { readonly ok: true; readonly lines: readonly string[] }
  /** `why` is the end of a sentence that begins with the revision. */
  | { readonly ok: false; readonly why: string };

/**
 * Whether the template of an earlier revision may replace the present one, and everything that differs, a line each. An
 * approval covers what was shown, so what is too long to be shown is refused, and so is what raises privileges. Pure.
 */
export function mayRollBack(present: JsonRecord, earlier: JsonRecord): MayRollBack {
  const raised = raisesPrivileges(present, earlier);
  if (raised.length > 0) return { ok: false, why: `would raise privileges: ${listed(raised)}` };
  const lines: (string | null)[] = [];
  let left = mostShown;
  for (const difference of templateDifferences(present, earlier)) {
    const line = left > 0 ? differenceWords(difference, left) : null;
    left -= line === null ? left : line.length + 1;
    lines.push(line);
  }
  const shown = lines.filter((line) => line !== null);
  if (lines.length === 0) return { ok: false, why: 'is the same as the present one' };
  if (shown.length === lines.length) return { ok: true, lines: shown };
  return {
    ok: false,
    why: `differs in ${counted(lines.length, 'place')}, too much to show in full here (${lines.length - shown.length} left out), and only what is shown can be approved`,
  };
}

function listed(reasons: readonly string[]): string {
  const named = reasons
    .slice(0, mostReasons)
    .map((reason) => (reason.length > longestReason ? `${reason.slice(0, longestReason)}…` : reason));
  const others = reasons.length - named.length;
  return `${named.join('; ')}${others === 0 ? '' : `; and ${others} more`}`;
}
