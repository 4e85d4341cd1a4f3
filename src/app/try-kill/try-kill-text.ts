import type { Failure } from '../../core/failure.ts';
import { sentence } from '../../core/talk/words.ts';
import { testSelector } from '../../core/test-kill/test-pod.ts';
import type { TestEnd, TestNews } from '../../flow/test-kill/run-test.ts';
import { shownLine } from '../command-line/terminal-text.ts';

export interface Place {
  readonly namespace: string;
  readonly server: string;
  /** `isKnown`: whether anything here says what the bot's configuration says. */
  readonly channel: { readonly name: string; readonly isKnown: boolean };
}

export interface TryKillResult extends Place {
  readonly end: TestEnd;
  readonly pod: string;
  /** Why the pod is still there, and how to remove it; null where it is gone. */
  readonly left: string | null;
}

/** The first lines of a printed manifest. */
export const printedHead = `# Killed for memory once, announced as a test. Afterwards: kubectl delete pod -l ${testSelector}\n`;

/** What is going on, as a line of progress; null where that is not worth one. */
export function newsWords(news: TestNews): string | null {
  switch (news.is) {
    case 'left-over':
      return `removed ${news.name}, which an earlier test had left`;
    case 'waiting':
      return `waiting ${news.why}`;
    case 'running':
      return 'running, about to be killed';
    case 'killed':
      return 'killed';
    case 'staying':
      return 'keeping the pod for a moment, so that the thread has its evidence';
    case 'removed':
      return 'removed the pod';
    case 'not-killed':
    case 'left':
      return null;
  }
}

export function leftWords({ message }: Failure, { namespace }: Pick<Place, 'namespace'>): string {
  return `The pod could not be removed: ${sentence(message)} Remove it with: kubectl delete pod -n ${namespace} -l ${testSelector}`;
}

/** For a person. */
export function tryKillText(result: TryKillResult): string {
  const lines = [endWords(result), ...(result.left === null ? ['The pod is removed.'] : [result.left])];
  return `${lines.map((line) => line.split('\n').map(shownLine).join('\n')).join('\n')}\n`;
}

function endWords({ end, pod, namespace, channel }: TryKillResult): string {
  if (end.is === 'interrupted') return 'Stopped.';
  if (end.is === 'not-killed') return `Not killed. ${end.words}`;
  const at = end.at === null ? '' : ` at ${new Date(end.at).toISOString().slice(11, 19)} UTC`;
  const on = end.node === null ? '' : ` on ${end.node}`;
  const where = channel.isKnown
    ? `#${channel.name}`
    : `#${channel.name}, or the channel that OOMKEEPER_CHANNEL or a route of the bot's policy names`;
  return [
    `Killed: pod ${pod} in ${namespace}${on}${at} (${end.reason ?? 'no reason'}, exit code ${end.exitCode ?? 'unknown'}).`,
    `Slack: a thread in ${where}, usually within a second of the kill. It says that it is a test.`,
    `Nothing there after a minute? See that the watcher watches ${namespace} (OOMKEEPER_NAMESPACES), and run: npm run -s oomkeeper -- doctor`,
  ].join('\n');
}

/** Times are RFC 3339. */
export function tryKillJson({ end, pod, namespace, server, channel, left }: TryKillResult): object {
  return {
    killed: end.is === 'killed',
    namespace,
    pod,
    server,
    killedAt: end.is === 'killed' && end.at !== null ? new Date(end.at).toISOString() : null,
    exitCode: end.is === 'killed' ? end.exitCode : null,
    reason: end.is === 'killed' ? end.reason : end.is === 'not-killed' ? end.why : 'interrupted',
    text: end.is === 'not-killed' ? end.words : null,
    channel: channel.name,
    removed: left === null,
    left,
  };
}
