import { clockTime, counted } from '../../talk/words.ts';
import { formatBytes } from '../../units/quantity.ts';
import type { EvidenceLine, NodeFacts } from '../evidence.ts';

const shown = 5;

/** Who used more than it asked for, and by how much. */
export function exceedingWords({ exceeding }: Pick<NodeFacts, 'exceeding'>): string {
  return listed(
    exceeding.map(({ pod, usedBytes, requestBytes, priorityClass }) => {
      const asked = requestBytes === 0 ? 'has no request' : `asked for ${formatBytes(requestBytes)}`;
      return `${pod} uses ${formatBytes(usedBytes)} and ${asked}: ${formatBytes(usedBytes - requestBytes)} more${priorityClass === undefined ? '' : ` (priority class ${priorityClass})`}`;
    }),
  );
}

export function victimWords({ victims }: Pick<NodeFacts, 'victims'>, today: number): string {
  return listed(
    victims.map(({ pod, container, at }) =>
      container === null
        ? `${pod} was evicted at ${clockTime(at, today)}`
        : `${container} of ${pod} was killed at ${clockTime(at, today)}`,
    ),
  );
}

/** The lines of the thread about a node, each in plain and possibly hostile text. */
export function nodeLines(facts: NodeFacts, source: string, at: number): readonly EvidenceLine[] {
  const line = (label: string, text: string): EvidenceLine => ({ label, text, source, at, missing: false });
  const { usedBytes, exceeding, victims } = facts;
  return [
    line('Node', roomWords(facts, at)),
    ...(victims.length === 0 ? [] : [line('Victims', victimWords(facts, at))]),
    usedBytes === null
      ? { ...line('Above request', 'nobody measured what its pods use'), missing: true }
      : line('Above request', exceeding.length === 0 ? 'no pod uses more than it asked for' : exceedingWords(facts)),
  ];
}

function roomWords(facts: NodeFacts, today: number): string {
  const { node, allocatableBytes, requestedBytes, limitBytes, unlimitedPods, usedBytes, pressureSince } = facts;
  const kept = keptBytes(facts);
  return [
    allocatableBytes === null ? node : `${node} has ${formatBytes(allocatableBytes)} for pods`,
    ...(kept === null
      ? []
      : [kept === 0 ? 'keeps nothing for the system' : `keeps ${formatBytes(kept)} for the system`]),
    `${formatBytes(requestedBytes)} requested`,
    limitBytes === 0 ? 'no limits' : `limits of ${formatBytes(limitBytes)}`,
    ...(unlimitedPods === 0 ? [] : [`${counted(unlimitedPods, 'pod')} without a limit`]),
    ...(usedBytes === null ? [] : [`${formatBytes(usedBytes)} in use`]),
    ...(facts.swapBytes === undefined || facts.swapBytes === 0 ? [] : [`${formatBytes(facts.swapBytes)} of swap`]),
    ...(pressureSince === null ? [] : [`short of memory since ${clockTime(pressureSince, today)}`]),
  ].join(', ');
}

/** What is kept for the kubelet and the system (`kubeReserved`, `systemReserved`, eviction threshold); null if not known. */
export function keptBytes({ capacityBytes, allocatableBytes }: NodeFacts): number | null {
  return capacityBytes === undefined || allocatableBytes === null
    ? null
    : Math.max(0, capacityBytes - allocatableBytes);
}

function listed(words: readonly string[]): string {
  const more = words.length - shown;
  return [...words.slice(0, shown), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
