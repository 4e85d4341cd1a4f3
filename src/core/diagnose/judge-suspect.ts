import { judgeSelf, type Judgement } from './judge-self.ts';
import { chargedBefore, isFullOfFiles } from '../evidence/charged.ts';
import type { Findings } from '../evidence/evidence.ts';
import { samplesBefore } from '../evidence/samples-before.ts';
import type { Kill } from '../kill/kill.ts';
import { formatBytes } from '../units/quantity.ts';
import { limitAt } from '../kill/limit-at.ts';

/** Kernel kills were seen with the last one-second sample at 65-94 % of the limit. */
const nearLimit = 0.9;
/** An out-of-memory word in the killed run's own log decides at a lower level. */
const logWords = /out of memory|oom-?kill|cannot allocate memory|heap out of memory/i;

/** Whether this usage is as close to the limit as in kernel kills. */
export function isAtLimit(usedBytes: number, limitBytes: number): boolean {
  return usedBytes >= limitBytes * nearLimit;
}

/** Whether the evidence makes an unexplained exit 137 a memory kill. Without evidence it stays undecided. */
export function judgeSuspect(kill: Kill, findings: Findings): Judgement {
  if (kill.kind === 'self') return judgeSelf(kill, findings);
  if (kill.kind === 'node') return undecided('the kernel killed in some cgroup, and nothing says whose');
  const nodeOom = findings.nodeOom?.found === true ? findings.nodeOom.value : null;
  if (nodeOom?.isNamed === true)
    return { is: 'kill', why: 'the kernel says that it killed this container for its node' };
  const judged = judgeUsage(kill, findings);
  if (nodeOom === null || judged.is !== 'undecided') return judged;
  const why = `the kernel killed for all of ${nodeOom.node} at that moment and does not say whom; ${judged.why}`;
  return { ...judged, why };
}

function judgeUsage(kill: Kill, findings: Findings): Judgement {
  const limit = limitAt(kill);
  if (limit === null) return undecided('the container has no memory limit that it could have hit');
  const last = samplesBefore(findings, kill).at(-1);
  if (!last) {
    const reason = findings.usage.found ? 'there is no usage sample before it' : findings.usage.reason;
    return undecided(`nothing shows the memory it used: ${reason}`, !findings.usage.found);
  }
  const charged = chargedBefore(findings, kill);
  // Healthy services that read many files are at their limit all the time.
  const isOnlyFiles = charged !== null && isFullOfFiles(charged, limit);
  const used = isOnlyFiles ? last.workingSetBytes : Math.max(last.workingSetBytes, last.usageBytes ?? 0);
  const shown = `last sample ${formatBytes(used)} of ${formatBytes(limit)}`;
  const words = findings.log.found && findings.log.value.lines.some((line) => logWords.test(line));
  if (isAtLimit(used, limit)) return { is: 'kill', why: `${shown}: at its limit when it was killed` };
  if (words && used >= limit * 0.65) return { is: 'kill', why: `${shown}, and its log speaks of memory` };
  const files = isOnlyFiles ? ', and the rest was files that the kernel takes back before it kills' : '';
  return undecided(`${shown}: not at its limit${files}, so something else may have sent the SIGKILL`);
}

function undecided(why: string, unread = false): Judgement {
  return { is: 'undecided', unread, why };
}
