import { clockTime, counted } from '../talk/words.ts';
import { formatBytes } from '../units/quantity.ts';
import type { EvidenceLine } from './evidence.ts';

/** A container or pod that used more than it asked for: the kubelet and the kernel take those first. Bytes. */
export interface Exceeding {
  /** `namespace/pod`. */
  readonly pod: string;
  readonly usedBytes: number;
  readonly requestBytes: number;
}

/** A pod of the node that lost something for memory lately. */
export interface NodeVictim {
  readonly pod: string;
  /** Null for an eviction. */
  readonly container: string | null;
  /** ms UTC */
  readonly at: number;
}

/** A node that was short of memory, and who is on it. Bytes; null = not said or not measured. */
export interface NodeFacts {
  readonly node: string;
  readonly allocatableBytes: number | null;
  readonly requestedBytes: number;
  /** Sum of the limits, as far as there are any. */
  readonly limitBytes: number;
  /** Pods with at least one container without a limit. */
  readonly unlimitedPods: number;
  /** Sum of the working sets; null where nobody measured. */
  readonly usedBytes: number | null;
  /** ms UTC since when the node itself says that it is short of memory. */
  readonly pressureSince: number | null;
  /** ms UTC since when it says that it is not; null where it says neither, as one whose kubelet no longer answers. */
  readonly enoughSince: number | null;
  /** The largest excess first. */
  readonly exceeding: readonly Exceeding[];
  /** The latest first. */
  readonly victims: readonly NodeVictim[];
}

const shown = 5;

/** Who used more than it asked for, and by how much. */
export function exceedingWords({ exceeding }: Pick<NodeFacts, 'exceeding'>): string {
  return listed(
    exceeding.map(({ pod, usedBytes, requestBytes }) => {
      const asked = requestBytes === 0 ? 'has no request' : `asked for ${formatBytes(requestBytes)}`;
      return `${pod} uses ${formatBytes(usedBytes)} and ${asked}: ${formatBytes(usedBytes - requestBytes)} more`;
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

function roomWords(
  { node, allocatableBytes, requestedBytes, limitBytes, unlimitedPods, usedBytes, pressureSince }: NodeFacts,
  today: number,
): string {
  return [
    allocatableBytes === null ? node : `${node} has ${formatBytes(allocatableBytes)} for pods`,
    `${formatBytes(requestedBytes)} requested`,
    limitBytes === 0 ? 'no limits' : `limits of ${formatBytes(limitBytes)}`,
    ...(unlimitedPods === 0 ? [] : [`${counted(unlimitedPods, 'pod')} without a limit`]),
    ...(usedBytes === null ? [] : [`${formatBytes(usedBytes)} in use`]),
    ...(pressureSince === null ? [] : [`short of memory since ${clockTime(pressureSince, today)}`]),
  ].join(', ');
}

function listed(words: readonly string[]): string {
  const more = words.length - shown;
  return [...words.slice(0, shown), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
