import { auditHelp } from '../audit/audit-options.ts';
import { cleanHelp } from '../clean/clean-options.ts';
import { doctorHelp } from '../doctor/doctor-options.ts';
import { evaluateHelp } from '../evaluate/evaluate-options.ts';
import { replayHelp } from '../replay/replay-options.ts';
import { scanHelp } from '../scan/scan-options.ts';
import { tryKillHelp } from '../try-kill/try-kill-options.ts';
import { aboutVariables } from '../config/variables.ts';
import { groups, groupTitles } from '../config/about-variable.ts';
import type { About, Group, ProcessName } from '../config/about-variable.ts';

/** `oomkeeper --help`. */
export function overview(): string {
  return `Oomkeeper opens one Slack thread when Kubernetes kills a container for memory, says why, and carries out the
approved fix.

Usage: oomkeeper COMMAND [options]

  watcher   watch a cluster and queue its memory kills
  worker    admit kills, explain them, carry out what was approved, verify
  bot       talk in Slack
  all       the three of them in one process
  doctor    is everything there that it needs? And how to fix what is not
  scan      one read-only look at a cluster: every visible kill with verdict and size
  try-kill  one kill that is announced as a test: a first thread without waiting for a real one
  audit     who asked, approved, refused; what was done
  replay    which incidents would a recorded watch stream have opened?
  evaluate  how good are verdicts and sizes on labelled traces?
  clean     take Oomkeeper's annotation off a cluster's objects again, after it was removed
  help      this text, or \`help COMMAND\`; \`--version\` says which Oomkeeper this is

Examples:
  npm run -s oomkeeper -- scan --kubeconfig ~/.kube/config
  npm run -s oomkeeper -- replay --pods pods.ndjson --events events.ndjson
  OOMKEEPER_CLUSTER=prod KUBECONFIG=~/.kube/config npm run -s oomkeeper -- watcher
  OOMKEEPER_CLUSTER=prod OOMKEEPER_MODE=observe npm run -s oomkeeper -- worker

Configuration is by environment only; docs/configuration.md explains every variable.
`;
}

const abouts: Readonly<Record<string, { readonly text: string; readonly processes: readonly ProcessName[] }>> = {
  watcher: {
    text: 'Watches the pods, Events and nodes of one cluster and queues its memory kills. Needs list and watch on pods and events, and on nodes to tell of those that are short of memory.',
    processes: ['watcher'],
  },
  worker: {
    text: 'Admits kills, explains incidents, decides about requests, and carries out approved plans (only with OOMKEEPER_MODE=act).',
    processes: ['worker'],
  },
  bot: {
    text: 'Posts and edits the threads, answers buttons and /oom. Needs no right in any cluster.',
    processes: ['bot'],
  },
  all: { text: 'Runs watcher, worker and bot in one process.', processes: ['watcher', 'worker', 'bot'] },
};

/** `oomkeeper COMMAND --help`; null for a command that does not exist. */
export function commandHelp(command: string): string | null {
  if (command === 'replay') return replayHelp;
  if (command === 'doctor') return doctorHelp;
  if (command === 'scan') return scanHelp;
  if (command === 'try-kill') return tryKillHelp;
  if (command === 'clean') return cleanHelp;
  if (command === 'audit') return auditHelp;
  if (command === 'evaluate') return evaluateHelp;
  if (command === 'help') return overview();
  const about = Object.hasOwn(abouts, command) ? abouts[command] : undefined;
  if (!about) return null;
  const variables = aboutVariables().filter(([, { readBy }]) => readBy.some((one) => about.processes.includes(one)));
  const isNeeded = ({ required = [] }: About): boolean => about.processes.some((one) => required.includes(one));
  const example = variables.flatMap(([name, one]) => (isNeeded(one) ? `${name}=${one.example}` : [])).join(' ');
  const width = Math.max(...variables.map(([name]) => name.length));
  const lines = (wanted: readonly [string, About][]): string =>
    wanted
      .map(([name, one]) => {
        const fallback = one.fallback ? ` [${one.fallback}]` : '';
        return `${isNeeded(one) ? '*' : ' '} ${name.padEnd(width)}  ${one.meaning}${fallback}`;
      })
      .join('\n');
  const section = (wanted: Group): string =>
    `${groupTitles[wanted]}:\n${lines(variables.filter(([, { group }]) => group === wanted))}`;
  return `${about.text}

Usage: oomkeeper ${command}

Variables; needed ones are marked *, docs/configuration.md explains them all.

${groups.map(section).join('\n\n')}

It serves /healthz, /readyz and /metrics on OOMKEEPER_OPS_HOST:OOMKEEPER_OPS_PORT and stops on SIGTERM or Ctrl-C.

Example:
  ${example} npm run -s oomkeeper -- ${command}
`;
}
